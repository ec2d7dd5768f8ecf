// A real OpenID provider on loopback, as a program of its own: one public client with PKCE, access tokens as this service wants
// them, and a form to sign in with. Usage: node test/dashboard/provider.ts <redirect URI> <access token's seconds> <scopes>
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [redirectUri = '', seconds = '600', scopes = 'openid'] = process.argv.slice(2);
const audience = 'signalfold';
const server = createServer();

server.listen(0, '127.0.0.1', () => {
  const { port }: { port: number } = Object(server.address());
  const issuer = `http://127.0.0.1:${port}`;
  const origin = new URL(redirectUri).origin;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'dashboard',
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        scope: scopes,
      },
    ],
    pkce: { required: () => true },
    clientBasedCORS: (_context, from) => from === origin,
    ttl: { AccessToken: Number(seconds), Grant: 3_600, IdToken: 3_600, Interaction: 600, Session: 3_600 },
    issueRefreshToken: async (_context, _client, code) => code.scopes.has('offline_access'),
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_context, token) =>
      'accountId' in token ? { firm_id: 'firm-a', roles: [String(token.accountId)] } : {},
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://signalfold.example.org',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: Number(seconds),
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  process.stdout.write(`${issuer}\n`);
});
