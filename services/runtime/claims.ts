// What a verified token says of its holder: firm, role, adviser and scopes, under the names that are configured.
import type { JWTPayload } from 'jose';
import { bookScopes, type Principal, type Role, roles, type Scope, scopes } from './principal.ts';
import { Problem } from './problem.ts';

/** Owners and managers see the whole firm, an adviser the own book. */
const roleScopes: Readonly<Record<Role, readonly Scope[]>> = {
  owner: scopes,
  manager: ['read', 'export', 'settings'],
  adviser: bookScopes,
};

export type ClaimNames = {
  readonly firm: string;
  readonly role: string;
  readonly adviser: string;
  /** How a role is called in tokens, and which it is. */
  readonly roleNames: readonly { readonly name: string; readonly role: Role }[];
  /** In front of our scopes in the claim `scope` or `scp`, which then narrows the role's; null: it says nothing to us. */
  readonly scopePrefix: string | null;
};

/**
 * Of several roles the widest counts. Throws the problem forbidden, which says what the token lacks. The token must be
 * verified.
 */
export function principalOf(payload: JWTPayload, names: ClaimNames): Principal {
  const held = textsAt(payload, names.role);
  const role = roles.find((one) => names.roleNames.some(({ name, role }) => role === one && held.includes(name)));
  if (role === undefined) throw lacking(`The token's claim "${names.role}" names no role that is known here.`);
  const book = role === 'adviser' ? oneAt(payload, names.adviser) : null;
  return {
    id: `oidc:${payload.sub}`,
    role,
    scopes: new Set(narrowed(roleScopes[role], payload, names.scopePrefix)),
    firmId: oneAt(payload, names.firm),
    book,
    until: (payload.exp ?? 0) * 1000,
  };
}

function narrowed(granted: readonly Scope[], payload: JWTPayload, prefix: string | null): readonly Scope[] {
  if (prefix === null) return granted;
  const words = [payload['scope'], payload['scp']].flatMap(textsOf).flatMap((text) => text.split(' '));
  return granted.filter((scope) => words.includes(prefix + scope));
}

function oneAt(payload: JWTPayload, path: string): string {
  const [text, another] = textsAt(payload, path);
  if (text === undefined) throw lacking(`The token lacks the claim "${path}".`);
  if (another !== undefined) throw lacking(`The token's claim "${path}" has several values, and one is needed.`);
  return text;
}

/** A claim of that very name, dots and all, or else the one that the dots lead to. */
function textsAt(payload: JWTPayload, path: string): readonly string[] {
  if (Object.hasOwn(payload, path)) return textsOf(payload[path]);
  let value: unknown = payload;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
    value = Object.entries(value).find(([name]) => name === step)?.[1];
  }
  return textsOf(value);
}

/** Of a text, a whole number, or a list of them; anything else says nothing. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => (Array.isArray(one) ? [] : textsOf(one)));
  if (typeof value === 'string' && value !== '') return [value];
  return Number.isSafeInteger(value) ? [String(value)] : [];
}

function lacking(detail: string): Problem {
  return new Problem('forbidden', detail);
}
