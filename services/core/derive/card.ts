// The card and the list item, as the API gives them (design §9). The zod schemas here are the contract: the OpenAPI
// document is generated from them.
import { z } from 'zod';
import { decodeDevice, deviceTypes, platforms } from '../device.ts';
import type { ClientKey } from '../ids.ts';
import { formatInstant } from '../time.ts';
import { accessStatuses, loginStates } from './access.ts';
import type { ClientFacts } from './client.ts';
import { ratingLabels } from './facts.ts';
import type { Frame } from './frame.ts';
import { relativeTo } from './relative.ts';

const instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC' });
const count = z.int().nonnegative();

const PortalLoginWire = z
  .object({
    email: z.string(),
    state: z.enum(loginStates),
    expiresOn: z.string().nullable(),
    permissions: z.object({ write: z.boolean(), delete: z.boolean() }),
    features: z.object({
      welcome: z.boolean(),
      wealth: z.boolean(),
      goals: z.boolean(),
      factfind: z.boolean(),
      tasks: z.boolean(),
    }),
    twoFactor: z.boolean(),
  })
  .meta({ id: 'PortalLogin' });

const EngagementWire = z
  .object({
    rating: z.enum(['green', 'amber', 'red', 'none']),
    label: z.enum(['Engaged', 'At Risk', 'Disengaged', 'Not Engaged']),
    decidedBy: z.object({ signal: z.enum(['login', 'email', 'message']), at: instant }).nullable(),
    becomesAmberAt: instant.nullable(),
    becomesRedAt: instant.nullable(),
    onlyOurMail: z.boolean(),
  })
  .meta({ id: 'Engagement' });

const LastLoginWire = z
  .object({
    at: instant,
    relative: z.string(),
    device: z.enum(deviceTypes).nullable(),
    platform: z.enum(platforms).nullable(),
  })
  .meta({ id: 'LastLogin' });

const LoginCountsWire = z.object({ d30: count, d90: count, d365: count }).meta({ id: 'LoginCounts' });

const LastSignalsWire = z
  .object({
    login: instant.nullable(),
    email: instant.nullable(),
    message: instant.nullable(),
  })
  .meta({ id: 'LastSignals' });

/** What an answer as of a past day rests on. */
export const AsOfWire = z.object({
  date: z.string().meta({ format: 'date' }),
  profile: z.literal('as it is today'),
  signals: z.literal('to the quarter hour'),
});
export type AsOfWire = z.infer<typeof AsOfWire>;

export function asOfWire(date: string): AsOfWire {
  return { date, profile: 'as it is today', signals: 'to the quarter hour' };
}

export const CardWire = z
  .object({
    firmId: z.string(),
    clientId: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    email: z.string().nullable(),
    type: z.string().nullable(),
    status: z.enum(['active', 'inactive']).nullable(),
    adviser: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    portalAccess: z.object({
      has: z.boolean(),
      status: z.enum(accessStatuses),
      logins: z.array(PortalLoginWire),
    }),
    engagement: EngagementWire.nullable(),
    lastLogin: LastLoginWire.nullable(),
    logins: LoginCountsWire.nullable(),
    lastSignals: LastSignalsWire.nullable(),
    coverage: z.object({ since: instant.nullable(), partial365: z.boolean() }),
    evaluatedAt: instant,
    asOf: AsOfWire.optional().meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'Card' });
export type Card = z.infer<typeof CardWire>;

/** The past local day a card is asked for, YYYY-MM-DD; null for now. */
export type AsOf = string | null;

/** `dataSince`: the earliest occurrence known for the firm, epoch ms; null when there is none. */
export function cardOf(
  client: ClientKey,
  facts: ClientFacts,
  frame: Frame,
  dataSince: number | null,
  asOf: AsOf = null,
): Card {
  const { profile, access, signals } = facts;
  const shown = access.has;
  return {
    firmId: client.firmId,
    clientId: client.clientId,
    firstName: profile?.firstName ?? null,
    lastName: profile?.lastName ?? null,
    email: profile?.emails[0] ?? null,
    type: profile?.type ?? null,
    status: profile?.status ?? null,
    adviser: profile?.adviser ?? null,
    portalAccess: { has: access.has, status: facts.status, logins: access.logins.map((login) => ({ ...login })) },
    engagement: shown ? engagementOf(facts) : null,
    lastLogin: shown ? lastLoginOf(facts, frame.at) : null,
    logins: shown ? { ...signals.logins } : null,
    lastSignals: shown
      ? {
          login: textOf(signals.lastSignals.login),
          email: textOf(signals.lastSignals.email),
          message: textOf(signals.lastSignals.message),
        }
      : null,
    coverage: coverageOf(facts, frame, dataSince),
    evaluatedAt: formatInstant(frame.at),
    ...(asOf === null ? {} : { asOf: asOfWire(asOf) }),
  };
}

export function engagementOf({ signals }: Pick<ClientFacts, 'signals'>): z.infer<typeof EngagementWire> {
  const { rating, decidedBy } = signals;
  return {
    rating,
    label: ratingLabels[rating],
    decidedBy: decidedBy === null ? null : { signal: decidedBy.signal, at: formatInstant(decidedBy.at.at) },
    becomesAmberAt: signals.becomesAmberAt === null ? null : formatInstant(signals.becomesAmberAt),
    becomesRedAt: signals.becomesRedAt === null ? null : formatInstant(signals.becomesRedAt),
    onlyOurMail: signals.onlyOurMail,
  };
}

export function lastLoginOf(
  { signals }: Pick<ClientFacts, 'signals'>,
  at: number,
): z.infer<typeof LastLoginWire> | null {
  const { lastLogin } = signals;
  if (lastLogin === null) return null;
  const device = decodeDevice(lastLogin.device);
  return {
    at: formatInstant(lastLogin.at.at),
    relative: relativeTo(at, lastLogin.at.at),
    device: device?.type ?? null,
    platform: device?.platform ?? null,
  };
}

/** Since when signals count: the later of the firm's go-live and its first data, epoch ms; null when it has neither. */
export function countedSince(goLiveAt: number | null, dataSince: number | null): number | null {
  return goLiveAt === null || dataSince === null ? (goLiveAt ?? dataSince) : Math.max(goLiveAt, dataSince);
}

/**
 * Since when signals count here: the firm's go-live or its earliest data, whichever is later, because a go-live long ago
 * does not make up for events that were never sent.
 */
export function coverageOf(
  { signals }: Pick<ClientFacts, 'signals'>,
  frame: Frame,
  dataSince: number | null,
): Card['coverage'] {
  const since = countedSince(frame.settings.goLiveAt, dataSince);
  return {
    since: since === null ? null : formatInstant(since),
    partial365: since === null || dataSince === null || since > frame.from365 || signals.pastMemory,
  };
}

function textOf(known: { readonly at: number } | null): string | null {
  return known === null ? null : formatInstant(known.at);
}
