// How people sign in, as the API tells it. The zod schema here is the contract.
import { z } from 'zod';

export const SignInWire = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('open') }).meta({ description: 'Nobody is asked.' }),
    z.object({ kind: z.literal('key') }).meta({ description: 'With a key, or a token from elsewhere.' }),
    z
      .object({
        kind: z.literal('oidc'),
        issuer: z.string(),
        clientId: z.string(),
        scope: z.string(),
        parameters: z.record(z.string(), z.string()).meta({ description: 'Sent along when asking the issuer.' }),
      })
      .meta({ description: 'At the issuer, by authorization code with PKCE.' }),
  ])
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignInWire>;
