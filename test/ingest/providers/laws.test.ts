import fc from 'fast-check';
import { auth0 } from '../../../services/ingest/providers/auth0.ts';
import { clerk } from '../../../services/ingest/providers/clerk.ts';
import { cognito } from '../../../services/ingest/providers/cognito.ts';
import { intercom } from '../../../services/ingest/providers/intercom.ts';
import { mailgun } from '../../../services/ingest/providers/mailgun.ts';
import { okta } from '../../../services/ingest/providers/okta.ts';
import { postmark } from '../../../services/ingest/providers/postmark.ts';
import type { Provider } from '../../../services/ingest/providers/provider.ts';
import { resend } from '../../../services/ingest/providers/resend.ts';
import { sendgrid } from '../../../services/ingest/providers/sendgrid.ts';
import { ses } from '../../../services/ingest/providers/ses.ts';
import { stream } from '../../../services/ingest/providers/stream.ts';
import { twilio } from '../../../services/ingest/providers/twilio.ts';
import { workos } from '../../../services/ingest/providers/workos.ts';
import { auth0Samples } from '../../../services/ingest/samples/auth0.ts';
import { clerkSamples } from '../../../services/ingest/samples/clerk.ts';
import { cognitoSamples } from '../../../services/ingest/samples/cognito.ts';
import { intercomSamples } from '../../../services/ingest/samples/intercom.ts';
import { mailgunSamples } from '../../../services/ingest/samples/mailgun.ts';
import { oktaSamples } from '../../../services/ingest/samples/okta.ts';
import { postmarkSamples } from '../../../services/ingest/samples/postmark.ts';
import { resendSamples } from '../../../services/ingest/samples/resend.ts';
import type { Sample } from '../../../services/ingest/samples/sample.ts';
import { sendgridSamples } from '../../../services/ingest/samples/sendgrid.ts';
import { sesSamples } from '../../../services/ingest/samples/ses.ts';
import { streamSamples } from '../../../services/ingest/samples/stream.ts';
import { twilioSamples } from '../../../services/ingest/samples/twilio.ts';
import { workosSamples } from '../../../services/ingest/samples/workos.ts';
import { canonical, map, moment } from './mapping.ts';

/** What SNS delivers raw: the event alone, so that damage reaches what is text within the envelope. */
const rawSesSamples: readonly Sample[] = sesSamples.map((sample) => ({
  ...sample,
  body: (when) => JSON.parse(String((sample.body(when) as { Message: string }).Message)),
}));

const providers: readonly (readonly [string, Provider, readonly Sample[]])[] = [
  ['auth0', auth0, auth0Samples],
  ['ses', ses, sesSamples],
  ['ses, raw', ses, rawSesSamples],
  ['sendgrid', sendgrid, sendgridSamples],
  ['twilio', twilio, twilioSamples],
  ['okta', okta, oktaSamples],
  ['cognito', cognito, cognitoSamples],
  ['clerk', clerk, clerkSamples],
  ['workos', workos, workosSamples],
  ['postmark', postmark, postmarkSamples],
  ['mailgun', mailgun, mailgunSamples],
  ['resend', resend, resendSamples],
  ['stream', stream, streamSamples],
  ['intercom', intercom, intercomSamples],
];

/** A value somewhere within a sample, replaced by anything: what providers change, and what attackers try. */
const rubbish = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, '', ' ', 0, -1, 1e308, '\ud800', '__proto__', 'x'.repeat(5000), [], {}, [null], { id: {} }),
);

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))
      : [];
  return [path, ...below];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === name ? replaced(one, rest, by) : one));
  const members = Object.entries(value as object);
  return Object.fromEntries(members.map(([key, one]) => [key, key === name ? replaced(one, rest, by) : one]));
}

function damaged(samples: readonly Sample[]): fc.Arbitrary<unknown> {
  return fc.constantFrom(...samples).chain((sample) => {
    const body: unknown = JSON.parse(JSON.stringify(sample.body(moment)));
    const spot = fc.record({ path: fc.constantFrom(...pathsOf(body)), by: rubbish });
    return fc.array(spot, { minLength: 1, maxLength: 3 }).map((spots) =>
      spots.reduce<unknown>((whole, { path, by }) => {
        const stillThere = pathsOf(whole).some((one) => one.join('/') === path.join('/'));
        return stillThere ? replaced(whole, path, by) : whole;
      }, body),
    );
  });
}

describe.each(providers)('%s', (_, provider, samples) => {
  test('given any JSON, then it never throws, and every event is one its topic takes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged(samples)), (body) => {
        const mapped = map(provider, body);
        expect(mapped.length).toBeGreaterThan(0);
        for (const one of mapped) if (one.kind === 'event') canonical(one.draft);
      }),
      { numRuns: 500 },
    );
  });

  test('given one body twice, then its events are the same, ids and all', () => {
    fc.assert(
      fc.property(damaged(samples), (body) => {
        expect(map(provider, structuredClone(body))).toEqual(map(provider, body));
      }),
      { numRuns: 100 },
    );
  });

  test('given a value that is wrong, then no detail tells it', () => {
    const secret = 'S3CRET-VALUE';
    for (const sample of samples) {
      const body: unknown = JSON.parse(JSON.stringify(sample.body(moment)));
      for (const path of pathsOf(body)) {
        for (const one of map(provider, replaced(body, path, secret))) {
          if (one.kind === 'unusable') expect(one.detail).not.toContain(secret);
          if (one.kind === 'event') expect(one.warnings.join()).not.toContain(secret);
        }
      }
    }
  });

  test.each(samples.map((sample) => [sample.name, sample] as const))(
    'sample %s says whether it is a signal',
    (_, sample) => {
      const kinds = map(provider, JSON.parse(JSON.stringify(sample.body(moment)))).map((one) => one.kind);
      const expected = /no login|no signal|somebody is here/.test(sample.about) ? 'ignored' : 'event';
      expect(kinds).toEqual([expected]);
    },
  );
});
