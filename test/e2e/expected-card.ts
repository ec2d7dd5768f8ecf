// The card that the oracle expects of a client, built without any of the product's deriving.
import { decodeDevice } from '../../services/core/device.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { localDay, oracleSignals } from '../model/oracle.ts';
import { oracleAccess } from '../model/oracle-access.ts';
import type { Member } from './cast.ts';

type Profile = Extract<Extract<CanonicalEvent, { topic: 'client' }>['event'], { status: unknown }>;

const labels = { green: 'Engaged', amber: 'At Risk', red: 'Disengaged', none: 'Not Engaged' };

export function newestProfile(events: readonly CanonicalEvent[]): Profile | null {
  let newest: Profile | null = null;
  for (const { topic, event } of events) {
    if (topic === 'client' && event.erased !== true && event.version > (newest?.version ?? -1)) newest = event;
  }
  return newest;
}

/** Since when there is data of a firm: its earliest signal or impersonation, whatever became of it. */
export function dataSince(members: readonly Member[]): number | null {
  const instants = members.flatMap(({ events }) =>
    events.flatMap(({ topic, event }) => (topic === 'client' || topic === 'portal-access' ? [] : [event.occurredAt])),
  );
  return instants.length === 0 ? null : Math.min(...instants);
}

/** `at` (epoch ms) is the instant the card says it was evaluated at; `relative` is left out. */
export function expectedCard({ client, events }: Member, settings: Settings, at: number, since: number | null) {
  const profile = newestProfile(events);
  const signals = oracleSignals(events, settings, at);
  const access = oracleAccess(events, profile?.status ?? null, signals.lastLogin !== null, settings, at);
  const { rating, decidedBy, lastLogin, lastSignals } = signals;
  const device = decodeDevice(lastLogin?.device ?? 0);
  const covered = settings.goLiveAt === null ? since : Math.max(settings.goLiveAt, since ?? 0);
  const firstDay = localDay(at, settings.timeZone) - 364;
  return {
    ...client,
    firstName: profile?.firstName ?? null,
    lastName: profile?.lastName ?? null,
    email: profile?.emails[0]?.trim() ?? null,
    type: profile?.type ?? null,
    status: profile?.status ?? null,
    adviser: profile?.adviser ?? null,
    portalAccess: {
      has: access.has,
      status: access.has ? (lastLogin === null ? 'never_logged_in' : 'active') : 'no_portal_access',
      logins: access.logins,
    },
    engagement: access.has
      ? {
          rating,
          label: labels[rating],
          decidedBy: decidedBy === null ? null : { signal: decidedBy.signal, at: text(decidedBy.at.at) },
          becomesAmberAt: text(signals.becomesAmberAt),
          becomesRedAt: text(signals.becomesRedAt),
          onlyOurMail: signals.onlyOurMail,
        }
      : null,
    lastLogin:
      access.has && lastLogin !== null
        ? { at: text(lastLogin.at.at), device: device?.type ?? null, platform: device?.platform ?? null }
        : null,
    logins: access.has ? signals.logins : null,
    lastSignals: access.has
      ? {
          login: text(lastSignals.login?.at ?? null),
          email: text(lastSignals.email?.at ?? null),
          message: text(lastSignals.message?.at ?? null),
        }
      : null,
    coverage: {
      since: text(covered),
      partial365: covered === null || since === null || localDay(covered - 1, settings.timeZone) >= firstDay,
    },
  };
}

function text(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
