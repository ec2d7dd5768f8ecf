// Who may call, read from the settings: keys of machines and the issuer of tokens. Mistakes say what to write instead.
import { type ApiKey, parseApiKeys } from './api-keys.ts';
import type { ClaimNames } from './claims.ts';
import { isTrustworthy } from './loopback.ts';
import { type Role, roles } from './principal.ts';
import { apiKeysExpected, type ConfigMistake, type Settings } from './settings-table.ts';
import type { OidcConfig, SignInConfig } from './tokens.ts';

/** Ways to say who one is; at least one of them. */
export type AuthConfig = { readonly keys: readonly ApiKey[]; readonly oidc: OidcConfig | null };

/** Null when nothing is configured, which leaves the API open. */
export function authOf(values: Settings, mistakes: ConfigMistake[]): AuthConfig | null {
  const parsed = parseApiKeys(values.SIGNALFOLD_API_KEYS ?? '');
  if (values.SIGNALFOLD_API_KEYS !== null) {
    for (const wrong of parsed.mistakes) {
      mistakes.push({ name: 'SIGNALFOLD_API_KEYS', wrong, expected: apiKeysExpected });
    }
  }
  const oidc = oidcOf(values, mistakes);
  if (values.SIGNALFOLD_API_KEYS === null && oidc === null) return null;
  return { keys: parsed.keys, oidc };
}

function oidcOf(values: Settings, mistakes: ConfigMistake[]): OidcConfig | null {
  const { SIGNALFOLD_OIDC_ISSUER: issuer, SIGNALFOLD_OIDC_AUDIENCE: audiences } = values;
  const jwksUrl = values.SIGNALFOLD_OIDC_JWKS_URL;
  checkUrl('SIGNALFOLD_OIDC_ISSUER', issuer, mistakes);
  checkUrl('SIGNALFOLD_OIDC_JWKS_URL', jwksUrl, mistakes);
  const claims = claimsOf(values, mistakes);
  const signIn = signInOf(values, mistakes);
  if (issuer === null && audiences === null && jwksUrl === null && signIn === null) return null;
  if (issuer === null || audiences === null) {
    const missing = { SIGNALFOLD_OIDC_ISSUER: issuer, SIGNALFOLD_OIDC_AUDIENCE: audiences };
    for (const [name, value] of Object.entries(missing)) {
      if (value === null) mistakes.push({ name, wrong: 'is missing', expected: 'issuer and audience together' });
    }
    return null;
  }
  return { issuer, audiences, jwksUrl, claims, signIn };
}

function signInOf(values: Settings, mistakes: ConfigMistake[]): SignInConfig | null {
  const parameters = values.SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS ?? [];
  const clientId = values.SIGNALFOLD_OIDC_CLIENT_ID;
  if (clientId === null) {
    if (parameters.length > 0) {
      const expected = 'SIGNALFOLD_OIDC_CLIENT_ID to be set as well';
      mistakes.push({ name: 'SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS', wrong: 'is of no use alone', expected });
    }
    return null;
  }
  const pairs = parameters.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return { clientId, scope: values.SIGNALFOLD_OIDC_SIGN_IN_SCOPE, parameters: Object.fromEntries(pairs) };
}

function checkUrl(name: string, text: string | null, mistakes: ConfigMistake[]): void {
  if (text === null) return;
  const expected = 'a URL with https, or with http on a loopback address';
  if (!URL.canParse(text)) mistakes.push({ name, wrong: 'is no URL', expected });
  else if (!isTrustworthy(new URL(text))) {
    mistakes.push({ name, wrong: 'is not protected: whoever is in between could let anybody in', expected });
  }
}

function claimsOf(values: Settings, mistakes: ConfigMistake[]): ClaimNames {
  const roleNames: { name: string; role: Role }[] = [];
  for (const pair of values.SIGNALFOLD_OIDC_ROLES) {
    const role = roles.find((one) => pair.endsWith(`=${one}`));
    const name = pair.slice(0, pair.lastIndexOf('='));
    if (role !== undefined && name !== '') roleNames.push({ name, role });
    else {
      const wrong = `cannot be read at ${JSON.stringify(pair)}`;
      mistakes.push({
        name: 'SIGNALFOLD_OIDC_ROLES',
        wrong,
        expected: `<name in tokens>=<${roles.join(', ')}>, several by comma`,
      });
    }
  }
  return {
    firm: values.SIGNALFOLD_OIDC_FIRM_CLAIM,
    role: values.SIGNALFOLD_OIDC_ROLE_CLAIM,
    adviser: values.SIGNALFOLD_OIDC_ADVISER_CLAIM,
    roleNames,
    scopePrefix: values.SIGNALFOLD_OIDC_SCOPE_PREFIX,
  };
}
