// A source for every provider, each with a firm of its own, so that a card shows what that provider alone brought.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the main event of a provider does to the card of whom it is about. */
export type Counts = 'login' | 'email' | 'message';

export type Main = {
  /** As `signalfold trigger` takes it. */
  readonly event: string;
  readonly counts: Counts;
  /** How the source finds the client. */
  readonly client: string;
  /** What the source is given to verify by; null: nothing of ours, as the scheme needs none. */
  readonly secret: string;
  readonly more?: string;
  /** Whom it is about, where that is not client-1. */
  readonly clientId?: string;
  readonly override?: readonly string[];
};

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** By provider. Keys and secrets are made up. */
export const mains: Readonly<Record<string, Main>> = {
  keycloak: { event: 'keycloak.LOGIN', counts: 'login', client: 'userId', secret: 'keycloak-secret' },
  auth0: { event: 'auth0.s', counts: 'login', client: 'userId', secret: 'Bearer auth0-secret' },
  ses: { event: 'ses.Send', counts: 'email', client: 'field:client_id', secret: 'ses:secret', more: 'verify: basic' },
  sendgrid: {
    event: 'sendgrid.delivered',
    counts: 'email',
    client: 'field:client_id',
    secret: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  },
  twilio: {
    event: 'twilio.message.delivered',
    counts: 'message',
    client: 'userId',
    secret: 'twilio-token',
    more: 'url: https://in.example/v1/webhooks/twilio',
    clientId: '+15005550006',
  },
  okta: { event: 'okta.user.session.start', counts: 'login', client: 'userId', secret: 'okta-secret' },
  cloudevents: {
    event: 'cloudevents.signalfold.login',
    counts: 'login',
    client: 'userId',
    secret: 'cloudevents-secret',
  },
  cognito: {
    event: 'cognito.PostAuthentication_Authentication',
    counts: 'login',
    client: 'userId',
    secret: 'cognito-secret',
  },
  clerk: {
    event: 'clerk.session.created',
    counts: 'login',
    client: 'userId',
    secret: 'whsec_c2lnbmFsZm9sZC1jbGVyaw==',
  },
  workos: { event: 'workos.session.created', counts: 'login', client: 'userId', secret: 'workos-secret' },
  postmark: { event: 'postmark.Delivery', counts: 'email', client: 'field:client_id', secret: 'postmark:secret' },
  mailgun: { event: 'mailgun.delivered', counts: 'email', client: 'email', secret: 'mailgun-key' },
  resend: {
    event: 'resend.email.sent',
    counts: 'email',
    client: 'field:client_id',
    secret: 'whsec_c2lnbmFsZm9sZC1yZXNlbmQ=',
  },
  stream: { event: 'stream.message.new', counts: 'message', client: 'userId', secret: 'stream-secret' },
  intercom: {
    event: 'intercom.conversation.admin.replied',
    counts: 'message',
    client: 'field:external_id',
    secret: 'intercom-secret',
  },
};

/** Writes the file of the sources and their secrets into the folder. Answers its path, and the path of the private key. */
export function writeSources(folder: string): { readonly sources: string; readonly privateKey: string } {
  mkdirSync(folder, { recursive: true });
  const lines = Object.entries(mains).map(([provider, { client, secret, more }]) => {
    writeFileSync(join(folder, `${provider}.secret`), secret);
    const rest = more === undefined ? '' : `, ${more}`;
    return `  ${provider}: { provider: ${provider}, secret: "file:${provider}.secret", firm: ${provider}, client: "${client}"${rest} }`;
  });
  const sources = join(folder, 'sources.yaml');
  writeFileSync(sources, `sources:\n${lines.join('\n')}\n`);
  const privateKey = join(folder, 'private.pem');
  writeFileSync(privateKey, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return { sources, privateKey };
}
