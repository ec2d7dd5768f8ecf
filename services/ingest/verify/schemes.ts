// The schemes as the table of providers offers them and a source chooses them: name, secret, options with their presets.
import { z } from 'zod';
import { basic, staticHeader } from './credentials.ts';
import { ecdsa } from './ecdsa.ts';
import { type HmacScheme, hmac } from './hmac.ts';
import { mailgunSignature } from './mailgun-signature.ts';
import { sns } from './sns.ts';
import { snsCertificates } from './sns-certificates.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { timedHmac } from './timed-hmac.ts';
import { twilioSignature } from './twilio-signature.ts';
import type { Scheme, Verify } from './verification.ts';
import type { TimeWindow } from './window.ts';

const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header');
const noOptions = z.strictObject({});
const secondsMax = 24 * 60 * 60;

/** The longest a provider's own retries of one signed delivery can take decides how wide it must be. */
function windowSeconds(preset: number) {
  return z.int().min(1).max(secondsMax).default(preset);
}

function windowOf(seconds: number): TimeWindow {
  return { pastMs: seconds * 1000, aheadMs: seconds * 1000 };
}

/** What is wrong with a secret, by trying it. */
function faultBy(make: (secret: string) => unknown): (secret: string) => string | null {
  return (secret) => {
    try {
      make(secret);
      return null;
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  };
}

type HmacPreset = Partial<
  Pick<HmacScheme, 'algorithm' | 'encoding' | 'header' | 'prefix' | 'template' | 'signsUnzipped'>
>;

/** HMAC in a header; without a preset the source must say which. */
export function hmacScheme(secret: string, preset: HmacPreset = {}): Scheme {
  const options = z.strictObject({
    algorithm: z.enum(['sha1', 'sha256', 'sha512']).default(preset.algorithm ?? 'sha256'),
    encoding: z.enum(['hex', 'base64']).default(preset.encoding ?? 'hex'),
    header: preset.header === undefined ? header : header.default(preset.header),
    prefix: z.string().default(preset.prefix ?? ''),
    template: z.string().default(preset.template ?? '{body}'),
    idHeader: header.optional(),
    timestampHeader: header.optional(),
    timestampUnit: z.enum(['s', 'ms']).default('s'),
    windowSeconds: windowSeconds(300),
    signsUnzipped: z.boolean().default(preset.signsUnzipped ?? false),
  });
  const trial = { algorithm: 'sha256', encoding: 'hex', header: 'X-Signature' } as const;
  const scheme: Scheme<z.infer<typeof options>> = {
    name: 'hmac',
    secret,
    options,
    fault: faultBy((one) => hmac({ ...trial, secrets: [one] })),
    open({ secrets, options: { timestampHeader, timestampUnit, windowSeconds: seconds, idHeader, ...rest } }) {
      const timestamp = { header: timestampHeader ?? '', unit: timestampUnit, window: windowOf(seconds) };
      return hmac({
        ...rest,
        secrets,
        ...(idHeader === undefined ? {} : { idHeader }),
        ...(timestampHeader === undefined ? {} : { timestamp }),
      });
    },
  };
  return scheme;
}

/** "t=<ms>, v1=<hex>" in one header. The window is the provider's own. */
export function timedHmacScheme(
  secret: string,
  preset: { readonly header: string; readonly windowSeconds: number },
): Scheme {
  const options = z.strictObject({
    header: header.default(preset.header),
    unit: z.enum(['s', 'ms']).default('ms'),
    windowSeconds: windowSeconds(preset.windowSeconds),
  });
  const open = (secrets: readonly string[], { header: name, unit, windowSeconds: seconds }: z.infer<typeof options>) =>
    timedHmac({ secrets, header: name, unit, window: windowOf(seconds) });
  const scheme: Scheme<z.infer<typeof options>> = {
    name: 'timed-hmac',
    secret,
    options,
    fault: faultBy((one) => open([one], options.parse({}))),
    open: (given) => open(given.secrets, given.options),
  };
  return scheme;
}

export function standardWebhooksScheme(headers: 'webhook' | 'svix'): Scheme {
  const options = z.strictObject({
    headers: z.enum(['webhook', 'svix']).default(headers),
    windowSeconds: windowSeconds(300),
  });
  const scheme: Scheme<z.infer<typeof options>> = {
    name: 'standard-webhooks',
    secret: 'The signing secret of the endpoint, "whsec_…".',
    options,
    fault: faultBy((one) => standardWebhooks({ secrets: [one], headers })),
    open: ({ secrets, options: chosen }) =>
      standardWebhooks({ secrets, headers: chosen.headers, window: windowOf(chosen.windowSeconds) }),
  };
  return scheme;
}

type EcdsaHeaders = { readonly signatureHeader: string; readonly timestampHeader: string };

export function ecdsaScheme(secret: string, preset: EcdsaHeaders): Scheme {
  const options = z.strictObject({
    signatureHeader: header.default(preset.signatureHeader),
    timestampHeader: header.default(preset.timestampHeader),
    windowSeconds: windowSeconds(600),
  });
  const window = windowOf(600);
  const scheme: Scheme<z.infer<typeof options>> = {
    name: 'ecdsa',
    secret,
    options,
    fault: faultBy((one) => ecdsa({ ...preset, publicKeys: [one], window })),
    open: ({ secrets, options: { windowSeconds: seconds, ...headers } }) =>
      ecdsa({ ...headers, publicKeys: secrets, window: windowOf(seconds) }),
  };
  return scheme;
}

const snsOptions = z.strictObject({
  topicArns: z.array(z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d+:.+$/, 'must be the ARN of a topic')).min(1),
  windowSeconds: windowSeconds(60 * 60),
});

/** Its source must name the topics: everybody can have SNS sign messages of a topic of theirs. */
export const snsScheme: Scheme<z.infer<typeof snsOptions>> = {
  name: 'sns',
  secret: null,
  options: snsOptions,
  fault: () => null,
  open: ({ options: { topicArns, windowSeconds: seconds } }, { fetch }) =>
    sns({ topicArns, certificates: snsCertificates(fetch), window: { pastMs: seconds * 1000, aheadMs: 5 * 60_000 } }),
};

export const twilioScheme: Scheme<z.infer<typeof noOptions>> = {
  name: 'twilio',
  secret: "The account's auth token.",
  options: noOptions,
  fault: faultBy((one) => twilioSignature({ secrets: [one] })),
  open: ({ secrets }) => twilioSignature({ secrets }),
};

const mailgunOptions = z.strictObject({ windowSeconds: windowSeconds(15 * 60) });

export const mailgunScheme: Scheme<z.infer<typeof mailgunOptions>> = {
  name: 'mailgun',
  secret: 'The HTTP webhook signing key.',
  options: mailgunOptions,
  fault: faultBy((one) => mailgunSignature({ secrets: [one], window: windowOf(1) })),
  open: ({ secrets, options }) => mailgunSignature({ secrets, window: windowOf(options.windowSeconds) }),
};

function openBasic(secrets: readonly string[]): Verify {
  const users = secrets.map((secret) => {
    const colon = secret.indexOf(':');
    if (colon < 1) throw new RangeError('the secret must be user:password');
    return { user: secret.slice(0, colon), password: secret.slice(colon + 1) };
  });
  return basic({ users });
}

export const basicScheme: Scheme<z.infer<typeof noOptions>> = {
  name: 'basic',
  secret: "user:password, as given in the webhook's address or in its settings.",
  options: noOptions,
  fault: faultBy((one) => openBasic([one])),
  open: ({ secrets }) => openBasic(secrets),
};

const bearerPrefix = 'Bearer ';

export const bearerScheme: Scheme<z.infer<typeof noOptions>> = {
  name: 'bearer',
  secret: 'The token alone, without "Bearer".',
  options: noOptions,
  fault: faultBy((one) => {
    if (one.startsWith(bearerPrefix)) throw new RangeError('the secret must be the token alone, without "Bearer"');
    staticHeader({ header: 'Authorization', values: [one] });
  }),
  open: ({ secrets }) =>
    staticHeader({ header: 'Authorization', values: secrets.map((secret) => `${bearerPrefix}${secret}`) }),
};

/** A header with a fixed value. */
export function headerScheme(preset = 'Authorization'): Scheme {
  const options = z.strictObject({ header: header.default(preset) });
  const scheme: Scheme<z.infer<typeof options>> = {
    name: 'header',
    secret: 'The whole value of the header, as it was given to the provider.',
    options,
    fault: faultBy((one) => staticHeader({ header: preset, values: [one] })),
    open: ({ secrets, options: chosen }) => staticHeader({ header: chosen.header, values: secrets }),
  };
  return scheme;
}
