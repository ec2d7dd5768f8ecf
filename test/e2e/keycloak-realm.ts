// A realm of a real Keycloak with users who sign in to a portal, and browsers that sign in as them or act as them.

import { z } from 'zod';
import { keycloakAdmin, startKeycloak } from '../../infra/local/keycloak.ts';
import { serverForTests, type TestServer } from '../../infra/local/servers.ts';

export const realmName = 'clients';
export const portal = 'client-portal';
export const pulling = { clientId: 'signalfold', secret: 'a-secret-of-the-service-account' } as const;
const password = 'correct horse battery';
/** Nobody listens there: the code in it is all that is wanted. */
const redirectUri = 'http://127.0.0.1:9/callback';

/** A Keycloak for tests; null when there is none to be had outside CI. */
export async function keycloakForTests(): Promise<TestServer | null> {
  return serverForTests('Keycloak', async ({ guardPid }) => {
    const { url, pid, stop } = await startKeycloak({ guardPid });
    return { addresses: [url], pid, stop };
  });
}

/** Makes the realm anew: users whose name is their address, a portal that they sign in to, an account that may read events. */
export async function makeRealm(url: string, addresses: readonly string[]): Promise<void> {
  const authorization = await adminToken(url);
  const headers = { authorization, 'content-type': 'application/json' };
  await fetch(`${url}/admin/realms/${realmName}`, { method: 'DELETE', headers });
  const users = addresses.map((address) => ({
    ...{ username: address, email: address, emailVerified: true, enabled: true, firstName: 'A', lastName: 'Client' },
    credentials: [{ type: 'password', value: password, temporary: false }],
  }));
  const account = {
    ...{ username: `service-account-${pulling.clientId}`, enabled: true, serviceAccountClientId: pulling.clientId },
    clientRoles: { 'realm-management': ['view-events'] },
  };
  const realm = {
    ...{ realm: realmName, enabled: true, sslRequired: 'none', eventsEnabled: true, registrationEmailAsUsername: true },
    clients: [
      { clientId: portal, enabled: true, publicClient: true, standardFlowEnabled: true, redirectUris: [redirectUri] },
      {
        ...{ clientId: pulling.clientId, secret: pulling.secret, enabled: true, publicClient: false },
        ...{ serviceAccountsEnabled: true, standardFlowEnabled: false },
      },
    ],
    users: [...users, account],
  };
  const made = await fetch(`${url}/admin/realms`, { method: 'POST', headers, body: JSON.stringify(realm) });
  if (made.status !== 201) throw new Error(`the realm was not made: ${made.status} ${await made.text()}`);
}

async function adminToken(url: string): Promise<string> {
  const body = new URLSearchParams({ ...keycloakAdmin, grant_type: 'password', client_id: 'admin-cli' });
  const reply = await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
  return `Bearer ${z.object({ access_token: z.string() }).parse(await reply.json()).access_token}`;
}

export type Browser = {
  /** Fills in the form of the sign-in page. True when it leads back to the portal. */
  signIn(address: string, word?: string): Promise<boolean>;
  /** Comes back to the portal in the running session, which asks for nothing. True when it leads there. */
  signOnSilently(): Promise<boolean>;
};

export const wrongPassword = 'wrong password';

/** A browser nobody is signed in with. */
export function openBrowser(url: string): Browser {
  return browserWith(url, new Map());
}

/** The browser of an administrator, of the realm `master`, who has begun to act as the user. */
export async function impersonate(url: string, address: string): Promise<Browser> {
  const headers = { authorization: await adminToken(url), 'content-type': 'application/json' };
  const query = new URLSearchParams({ username: address, exact: 'true' });
  const found = await fetch(`${url}/admin/realms/${realmName}/users?${query}`, { headers });
  const [user] = z.array(z.object({ id: z.string() })).parse(await found.json());
  const jar = new Map<string, string>();
  const begun = await fetch(`${url}/admin/realms/${realmName}/users/${user?.id}/impersonation`, {
    ...{ method: 'POST', headers, body: '{}' },
  });
  if (begun.status !== 200) throw new Error(`the impersonation did not begin: ${begun.status}`);
  keepCookies(jar, begun);
  return browserWith(url, jar);
}

function browserWith(url: string, jar: Map<string, string>): Browser {
  const go = async (to: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(to, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    keepCookies(jar, reply);
    return reply;
  };
  const openPortal = (more: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams({
      ...{ client_id: portal, redirect_uri: redirectUri, response_type: 'code', scope: 'openid', ...more },
    });
    return go(`${url}/realms/${realmName}/protocol/openid-connect/auth?${query}`);
  };
  const hasCode = (reply: Response) => {
    const location = reply.headers.get('location') ?? '';
    return location.startsWith(redirectUri) && new URL(location).searchParams.has('code');
  };
  return {
    async signIn(username, word = password) {
      const page = await (await openPortal()).text();
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
      if (action === undefined) throw new Error(`there is no sign-in form:\n${page.slice(0, 2000)}`);
      const body = new URLSearchParams({ username, password: word, credentialId: '' });
      return hasCode(await go(action, { method: 'POST', body }));
    },
    async signOnSilently() {
      return hasCode(await openPortal({ prompt: 'none' }));
    },
  };
}

function keepCookies(jar: Map<string, string>, reply: Response): void {
  for (const cookie of reply.headers.getSetCookie()) {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
    if (name === undefined || value === undefined) continue;
    if (value === '' || /max-age=0/i.test(cookie)) jar.delete(name);
    else jar.set(name, value);
  }
}
