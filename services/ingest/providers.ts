// The table of providers: a new one is a line here and a file in providers/.
import { auth0 } from './providers/auth0.ts';
import { clerk } from './providers/clerk.ts';
import { cloudevents, cloudeventsHandshake, mappedCloudEvents } from './providers/cloudevents.ts';
import { cognito } from './providers/cognito.ts';
import { intercom, intercomHandshake } from './providers/intercom.ts';
import { keycloak } from './providers/keycloak.ts';
import { keycloakPull } from './providers/keycloak-pull.ts';
import { mailgun } from './providers/mailgun.ts';
import type { Offer } from './providers/offer.ts';
import { okta, oktaHandshake } from './providers/okta.ts';
import { postmark } from './providers/postmark.ts';
import { resend } from './providers/resend.ts';
import { sendgrid } from './providers/sendgrid.ts';
import { ses, sesHandshake } from './providers/ses.ts';
import { stream } from './providers/stream.ts';
import { twilio } from './providers/twilio.ts';
import { workos } from './providers/workos.ts';
import {
  basicScheme,
  bearerScheme,
  ecdsaScheme,
  headerScheme,
  hmacScheme,
  mailgunScheme,
  snsScheme,
  standardWebhooksScheme,
  timedHmacScheme,
  twilioScheme,
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

const sendgridSignature = ecdsaScheme('The verification key that SendGrid shows for the signed event webhook.', {
  signatureHeader: 'X-Twilio-Email-Event-Webhook-Signature',
  timestampHeader: 'X-Twilio-Email-Event-Webhook-Timestamp',
});

const keycloakSignature = hmacScheme('The secret of the webhook, as its listener was given it.', {
  header: 'X-Keycloak-Signature',
});

const customSignature = hmacScheme('The secret that the sender signs with.', { header: 'X-Signature' });

export const offers: Readonly<Record<string, Offer>> = {
  keycloak: {
    provider: keycloak,
    bodies: ['json'],
    schemes: [keycloakSignature, bearerScheme, basicScheme],
    pull: keycloakPull,
  },
  auth0: { provider: auth0, bodies: ['json'], schemes: [headerScheme(), bearerScheme, basicScheme] },
  ses: { provider: ses, bodies: ['json'], schemes: [snsScheme, basicScheme], handshake: sesHandshake },
  sendgrid: { provider: sendgrid, bodies: ['json'], schemes: [sendgridSignature, basicScheme] },
  twilio: { provider: twilio, bodies: ['form', 'json'], schemes: [twilioScheme], answersNothing: true },
  cloudevents: {
    provider: cloudevents,
    bodies: ['json'],
    schemes: [bearerScheme, basicScheme, headerScheme(), standardWebhooksScheme('webhook'), customSignature],
    mapped: mappedCloudEvents,
    handshake: cloudeventsHandshake,
    methods: ['OPTIONS'],
    unsigned: ['OPTIONS'],
  },
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
