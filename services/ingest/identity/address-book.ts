// Whose an address is, and which client a provider's user was found to be: documents of the store, kept from the topics
// `client` and `portal-access`. A client's own entry says under which keys it is found and is written first; then each key
// is settled by it. So whoever comes in between, the last to act leaves the keys as the entry has them.
import { z } from 'zod';
import { ClientId, type ClientKey, type FirmId } from '../../core/ids.ts';
import type { ViewStore } from '../../store/port.ts';
import { changeDocument } from '../change-document.ts';
import { isLookupKey, type LookupKey, shardOf } from './keys.ts';

/**
 * A client that an address or a user may be. `portal`: it is one of its portal logins; `profile`: its newest profile names
 * it; `former`: a portal login that was revoked. A portal login says more than a profile, and what was says least.
 */
const Candidate = z.object({ clientId: ClientId, as: z.enum(['portal', 'profile', 'former']) });
export type Candidate = z.infer<typeof Candidate>;

const Finding = z.object({ clients: z.array(Candidate) });

/**
 * Clients listed under one address. Firms write the same stand-in for thousands who have none: that tells nobody apart, and
 * the list would outgrow what a store takes. A portal login finds room all the same. Whoever was left out is listed by the
 * next profile, should there be room again.
 */
export const candidatesMax = 100;

const Key = z.string().refine(isLookupKey);
const ClientEntry = z.object({
  /** The newest profile's; -1 before any. */
  version: z.number(),
  updatedAt: z.number(),
  profile: z.array(Key),
  /** `at`: the newest occurrence, epoch ms; `decidedAt`: of those that grant or revoke; -1 before any. */
  portal: z.array(z.object({ key: Key, at: z.number(), decidedAt: z.number(), revoked: z.boolean() })),
  users: z.array(Key),
  /** The client's no longer, and perhaps not settled yet. */
  leaving: z.array(Key),
  erased: z.object({ at: z.number(), version: z.number() }).nullable(),
});
type ClientEntry = z.infer<typeof ClientEntry>;

const noEntry: ClientEntry = {
  version: -1,
  updatedAt: 0,
  profile: [],
  portal: [],
  users: [],
  leaving: [],
  erased: null,
};

/** Portal logins, and users, of one client that are remembered; the oldest go. Bounds the size of its entry. */
const keysMax = 500;

export type ProfileNote = {
  readonly version: number;
  /** Epoch ms. */
  readonly updatedAt: number;
  readonly keys: readonly LookupKey[];
};

export type PortalNote = {
  /** Epoch ms. */
  readonly occurredAt: number;
  /** Null for what leaves it as it was. */
  readonly decides: 'granted' | 'revoked' | null;
};

export type AddressBook = {
  /** Empty where nobody is known. */
  find(firmId: FirmId, key: LookupKey): Promise<readonly Candidate[]>;
  /** The newest profile's addresses are the client's, and no others are by its profile. Older profiles change nothing. */
  takeProfile(client: ClientKey, profile: ProfileNote): Promise<void>;
  /** An address became a portal login of the client, or was revoked: then it is found where it is nobody else's. */
  takePortalLogin(client: ClientKey, key: LookupKey, change: PortalNote): Promise<void>;
  /** A provider's user was found to be the client. */
  takeUser(client: ClientKey, key: LookupKey): Promise<void>;
  /** The user was taken for another client. */
  dropUser(client: ClientKey, key: LookupKey): Promise<void>;
  /** Forgets all that is older, and remembers that, so that no repeat of it brings anything back. `at` is epoch ms. */
  erase(client: ClientKey, erasure: { readonly version: number; readonly at: number }): Promise<void>;
};

export function openAddressBook(store: ViewStore): AddressBook {
  const change = (client: ClientKey, how: (entry: ClientEntry) => ClientEntry) => {
    const { firmId, clientId } = client;
    const place = { collection: shardOf('identity-client', clientId), firmId, id: clientId };
    return changeDocument(store, place, ClientEntry, noEntry, how);
  };

  /** Lists the client under the key, or takes it out, as its entry has it; looks again, because the entry may change. */
  async function settle(client: ClientKey, key: LookupKey, entry: ClientEntry): Promise<void> {
    const wanted = listingOf(entry, client.clientId, key);
    await changeDocument(store, placeOf(client.firmId, key), Finding, { clients: [] }, (finding) => {
      const known = finding.clients.find(({ clientId }) => clientId === client.clientId);
      if (known?.as === wanted?.as) return finding;
      const clients = finding.clients.filter((one) => one !== known);
      if (wanted !== null && clients.length >= candidatesMax) {
        const least = wanted.as === 'portal' ? clients.findIndex(({ as }) => as !== 'portal') : -1;
        if (least === -1) return known === undefined ? finding : { clients };
        clients.splice(least, 1);
      }
      if (wanted !== null) clients.push(wanted);
      return clients.length === 0 ? null : { clients: clients.sort(byId) };
    });
    const now = await change(client, (same) => same);
    if (listingOf(now, client.clientId, key)?.as !== wanted?.as) await settle(client, key, now);
  }

  async function settleAll(client: ClientKey, keys: readonly LookupKey[], entry: ClientEntry): Promise<void> {
    for (const key of new Set([...keys, ...entry.leaving])) await settle(client, key, entry);
    if (entry.leaving.length === 0) return;
    // Only while nothing has changed; else whoever changed it settles, and these are looked at once more.
    const text = JSON.stringify(entry);
    await change(client, (now) => (JSON.stringify(now) === text ? { ...now, leaving: [] } : now));
  }

  return {
    async find(firmId, key) {
      const { collection, id } = placeOf(firmId, key);
      const found = await store.loadDocument(collection, firmId, id);
      return found === null ? [] : Finding.parse(JSON.parse(found.body)).clients;
    },

    async takeProfile(client, { version, updatedAt, keys }) {
      const entry = await change(client, (known) => {
        if (isErased(known.erased, version, updatedAt)) return known;
        if (version < known.version || (version === known.version && updatedAt <= known.updatedAt)) return known;
        return leaveBehind(known, { ...known, version, updatedAt, profile: [...new Set(keys)] });
      });
      await settleAll(client, keys, entry);
    },

    async takePortalLogin(client, key, { occurredAt, decides }) {
      const entry = await change(client, (known) => {
        if (known.erased !== null && occurredAt < known.erased.at) return known;
        const before = known.portal.find((one) => one.key === key) ?? { key, at: -1, decidedAt: -1, revoked: false };
        const isDecided = decides !== null && occurredAt > before.decidedAt;
        if (!isDecided && occurredAt <= before.at) return known;
        const decided = isDecided ? { decidedAt: occurredAt, revoked: decides === 'revoked' } : {};
        const others = known.portal.filter((one) => one !== before);
        const login = { ...before, ...decided, at: Math.max(occurredAt, before.at) };
        return leaveBehind(known, { ...known, portal: [...others, login].slice(-keysMax) });
      });
      await settleAll(client, [key], entry);
    },

    async takeUser(client, key) {
      const entry = await change(client, (known) => {
        if (known.users.includes(key)) return known;
        return leaveBehind(known, { ...known, users: [...known.users, key].slice(-keysMax) });
      });
      await settleAll(client, [key], entry);
    },

    async dropUser(client, key) {
      const entry = await change(client, (known) => {
        if (!known.users.includes(key)) return known;
        return leaveBehind(known, { ...known, users: known.users.filter((one) => one !== key) });
      });
      await settleAll(client, [key], entry);
    },

    async erase(client, { version, at }) {
      const entry = await change(client, (known) => {
        const erased = {
          at: Math.max(at, known.erased?.at ?? 0),
          version: Math.max(version, known.erased?.version ?? 0),
        };
        const keepsProfile = known.version >= 0 && !isErased(erased, known.version, known.updatedAt);
        const left = keepsProfile ? { ...known, erased } : { ...noEntry, erased };
        return leaveBehind(known, { ...left, portal: known.portal.filter((one) => one.at >= erased.at), users: [] });
      });
      await settleAll(client, [], entry);
    },
  };
}

function placeOf(firmId: FirmId, key: LookupKey) {
  return { collection: shardOf('identity', key), firmId, id: key };
}

/** `next`, with what `before` was found under and it is not. */
function leaveBehind(before: ClientEntry, next: ClientEntry): ClientEntry {
  const all = [...before.leaving, ...before.profile, ...before.portal.map(({ key }) => key), ...before.users];
  return { ...next, leaving: [...new Set(all)].filter((key) => !isListed(next, key)) };
}

function isListed(entry: ClientEntry, key: LookupKey): boolean {
  return standingOf(entry, key) !== null;
}

/** A user signs in to the portal, so it stands for a portal login as an address does. */
function standingOf({ profile, portal, users }: ClientEntry, key: LookupKey): Candidate['as'] | null {
  const login = portal.find((one) => one.key === key);
  if (users.includes(key) || login?.revoked === false) return 'portal';
  if (profile.includes(key)) return 'profile';
  return login === undefined ? null : 'former';
}

function listingOf(entry: ClientEntry, clientId: ClientId, key: LookupKey): Candidate | null {
  const as = standingOf(entry, key);
  return as === null ? null : { clientId, as };
}

function isErased(erased: ClientEntry['erased'], version: number, updatedAt: number): boolean {
  return erased !== null && (updatedAt < erased.at || version < erased.version);
}

function byId(one: Candidate, other: Candidate): number {
  return one.clientId < other.clientId ? -1 : 1;
}
