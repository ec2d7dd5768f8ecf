// The table of providers: a new one is a line here and a file in providers/.
import { clerk } from './providers/clerk.ts';
import { cognito } from './providers/cognito.ts';
import { intercom, intercomHandshake } from './providers/intercom.ts';
import { mailgun } from './providers/mailgun.ts';
import type { Offer } from './providers/offer.ts';
import { okta, oktaHandshake } from './providers/okta.ts';
import { postmark } from './providers/postmark.ts';
import { resend } from './providers/resend.ts';
import { stream } from './providers/stream.ts';
import { workos } from './providers/workos.ts';
import {
  basicScheme,
  bearerScheme,
  headerScheme,
  hmacScheme,
  mailgunScheme,
  standardWebhooksScheme,
  timedHmacScheme,
} from './verify/schemes.ts';

const svix = standardWebhooksScheme('svix');
const workosSignature = timedHmacScheme('The secret of the webhook endpoint.', {
  header: 'WorkOS-Signature',
  windowSeconds: 180,
});
const streamSignature = hmacScheme("The app's API secret.", { header: 'X-Signature', signsUnzipped: true });
const intercomSignature = hmacScheme("The app's client secret.", {
  header: 'X-Hub-Signature',
  algorithm: 'sha1',
  prefix: 'sha1=',
});

export const offers: Readonly<Record<string, Offer>> = {
  okta: {
    provider: okta,
    bodies: ['json'],
    schemes: [headerScheme('Authorization'), basicScheme],
    handshake: oktaHandshake,
    methods: ['GET'],
  },
  cognito: { provider: cognito, bodies: ['json'], schemes: [bearerScheme, basicScheme, headerScheme('X-Api-Key')] },
  clerk: { provider: clerk, bodies: ['json'], schemes: [svix] },
  workos: { provider: workos, bodies: ['json'], schemes: [workosSignature] },
  postmark: { provider: postmark, bodies: ['json'], schemes: [basicScheme, headerScheme()] },
  mailgun: { provider: mailgun, bodies: ['json'], schemes: [mailgunScheme] },
  resend: { provider: resend, bodies: ['json'], schemes: [svix] },
  stream: { provider: stream, bodies: ['json'], schemes: [streamSignature] },
  intercom: {
    provider: intercom,
    bodies: ['json'],
    schemes: [intercomSignature],
    handshake: intercomHandshake,
    methods: ['HEAD'],
    unsigned: ['HEAD'],
  },
};
