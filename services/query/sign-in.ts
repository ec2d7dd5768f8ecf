// GET /v1/sign-in: how people say who they are here, for a page that has to ask them.
import type { FastifyInstance } from 'fastify';
import type { AuthConfig } from '../runtime/config-auth.ts';
import { type SignIn, SignInWire } from './wire/sign-in.ts';

export function registerSignIn(server: FastifyInstance, { auth }: { readonly auth: AuthConfig | null }): void {
  const answer = signInOf(auth);
  server.get(
    '/v1/sign-in',
    {
      config: {
        open: true,
        doc: {
          id: 'getSignIn',
          summary: 'How people sign in',
          responses: { 200: { description: 'What a page needs to know.', schema: SignInWire } },
        },
      },
    },
    (): SignIn => answer,
  );
}

function signInOf(auth: AuthConfig | null): SignIn {
  if (auth === null) return { kind: 'open' };
  const signIn = auth.oidc?.signIn ?? null;
  if (auth.oidc === null || signIn === null) return { kind: 'key' };
  return { kind: 'oidc', issuer: auth.oidc.issuer, ...signIn };
}
