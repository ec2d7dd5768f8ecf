// The table of samples: what can be sent in the name of each provider, to try a source.
import { auth0Samples } from './samples/auth0.ts';
import { clerkSamples } from './samples/clerk.ts';
import { cloudeventsSamples } from './samples/cloudevents.ts';
import { cognitoSamples } from './samples/cognito.ts';
import { intercomSamples } from './samples/intercom.ts';
import { keycloakSamples } from './samples/keycloak.ts';
import { mailgunSamples } from './samples/mailgun.ts';
import { oktaSamples } from './samples/okta.ts';
import { postmarkSamples } from './samples/postmark.ts';
import { resendSamples } from './samples/resend.ts';
import type { Sample } from './samples/sample.ts';
import { sendgridSamples } from './samples/sendgrid.ts';
import { sesSamples } from './samples/ses.ts';
import { streamSamples } from './samples/stream.ts';
import { twilioSamples } from './samples/twilio.ts';
import { workosSamples } from './samples/workos.ts';

/** By the name of the provider, in the order of providers.ts. */
export const samples: Readonly<Record<string, readonly Sample[]>> = {
  keycloak: keycloakSamples,
  auth0: auth0Samples,
  ses: sesSamples,
  sendgrid: sendgridSamples,
  twilio: twilioSamples,
  cloudevents: cloudeventsSamples,
  okta: oktaSamples,
  cognito: cognitoSamples,
  clerk: clerkSamples,
  workos: workosSamples,
  postmark: postmarkSamples,
  mailgun: mailgunSamples,
  resend: resendSamples,
  stream: streamSamples,
  intercom: intercomSamples,
};
