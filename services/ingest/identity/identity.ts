// Whose an event is that names an address or a provider's user: asks the address book, lets unknown ones wait, and releases
// them. Whoever lets an event wait looks at the book again afterwards, and whoever writes the book looks at what waits
// afterwards: so either sees the other.
import type { ClientId, FirmId } from '../../core/ids.ts';
import type { EventLog } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { ViewStore } from '../../store/port.ts';
import { canonicalMessage } from '../canonical-message.ts';
import { deliver, type OutgoingEvent } from '../deliver.ts';
import { type Letter, waitingLetter } from '../provider-letter.ts';
import type { DraftTopic } from '../providers/provider.ts';
import type { WaitingBounds } from '../sources/source.ts';
import { type AddressBook, candidatesMax, openAddressBook } from './address-book.ts';
import { addressKey, type LookupKey, userKey, waitedFor } from './keys.ts';
import type { Asked } from './rules.ts';
import { openWaitingPlace, type WaitingEntry, type WaitingPlace } from './waiting.ts';

export type Whose =
  /** Several only for topics that concern everybody of an address. `learned`: the address says which client the user is. */
  | { readonly kind: 'clients'; readonly clientIds: readonly ClientId[]; readonly learned: boolean }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ambiguous'; readonly detail: string };

export type IdentityParts = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly bounds: WaitingBounds;
};

export type Identity = {
  readonly book: AddressBook;
  readonly waiting: WaitingPlace;
  whose(source: string, topic: DraftTopic, asked: Asked): Promise<Whose>;
  /** Durable when it resolves. `full`: there is no room. */
  letWait(firmId: FirmId, entry: WaitingEntry): Promise<'waits' | 'full'>;
  /** The source's user is this client: what waits for the user is released. Cheap when that is known. */
  learn(source: string, firmId: FirmId, userId: string, clientId: ClientId): Promise<void>;
  /** Sends on what waits under the key and has a client by now. Resolves when it is durable. */
  release(firmId: FirmId, key: LookupKey): Promise<void>;
};

/** Users whose client is remembered, so that a login costs no write; for so long, because a client may be erased. */
const learnedMax = 100_000;
const learnedMsMax = 10 * 60_000;

/** What concerns everybody who shares an address: it was sent to it. The rest somebody did, and only one of them did. */
const sharedTopics: ReadonlySet<DraftTopic> = new Set(['email', 'message']);

export function openIdentity(parts: IdentityParts): Identity {
  const { store, clock, metrics, bounds } = parts;
  const book = openAddressBook(store);
  const waiting = openWaitingPlace(store, bounds);
  const learned = new Map<string, ClientId>();
  let learnedSince = clock.now();

  async function whose(source: string, topic: DraftTopic, { firmId, address, userId }: Asked): Promise<Whose> {
    const byAddress = address === null ? [] : await book.find(firmId, addressKey(address));
    if (byAddress.length === 0) {
      const byUser = userId === null ? [] : await book.find(firmId, userKey(source, userId));
      const [user] = byUser;
      // A user is one client; of several the book is being corrected.
      return user === undefined || byUser.length > 1
        ? { kind: 'unknown' }
        : { kind: 'clients', clientIds: [user.clientId], learned: false };
    }
    // Whose it was no longer counts where it is somebody's, as after it moved from one client to another.
    const present = byAddress.filter(({ as }) => as !== 'former');
    const theirs = present.length > 0 ? present : byAddress;
    if (sharedTopics.has(topic)) {
      if (byAddress.length >= candidatesMax) {
        const detail = `client: ${candidatesMax} clients or more have the address, so it is a stand-in and nobody's own`;
        return { kind: 'ambiguous', detail };
      }
      return { kind: 'clients', clientIds: theirs.map(({ clientId }) => clientId), learned: false };
    }
    const portals = theirs.filter(({ as }) => as === 'portal');
    const [one, ...others] = portals.length > 0 ? portals : theirs;
    if (one === undefined || others.length > 0) {
      const detail = `client: ${theirs.length} clients share the address, and one of them did this`;
      return { kind: 'ambiguous', detail };
    }
    return { kind: 'clients', clientIds: [one.clientId], learned: userId !== null };
  }

  async function learn(source: string, firmId: FirmId, userId: string, clientId: ClientId): Promise<void> {
    const key = userKey(source, userId);
    const name = `${firmId}\t${key}`;
    if (learned.size >= learnedMax || clock.now() - learnedSince > learnedMsMax) {
      learned.clear();
      learnedSince = clock.now();
    }
    if (learned.get(name) === clientId) return;
    for (const before of await book.find(firmId, key)) {
      if (before.clientId !== clientId) await book.dropUser({ firmId, clientId: before.clientId }, key);
    }
    await book.takeUser({ firmId, clientId }, key);
    await release(firmId, key);
    learned.set(name, clientId);
  }

  async function release(firmId: FirmId, key: LookupKey): Promise<void> {
    const { entries } = await waiting.load(firmId, key);
    const events: OutgoingEvent[] = [];
    const letters: Letter[] = [];
    const settled: WaitingEntry[] = [];
    const lessons: (() => Promise<void>)[] = [];
    for (const entry of entries) {
      const { source, topic, userId } = entry;
      const found = await whose(source, topic, { firmId, ...entry });
      if (found.kind === 'unknown') continue;
      settled.push(entry);
      if (found.kind === 'ambiguous') {
        letters.push(waitingLetter(firmId, entry, { reason: 'client_ambiguous', detail: found.detail }));
        continue;
      }
      for (const clientId of found.clientIds) {
        const client = { firmId, clientId };
        const made = canonicalMessage(entry, source, client, clock.now());
        if (made.kind === 'message') events.push(made);
        else letters.push(waitingLetter(firmId, entry, { ...made, client }));
        if (found.learned && userId !== null) lessons.push(() => learn(source, firmId, userId, clientId));
      }
    }
    if (settled.length === 0) return;
    await deliver(parts, events, letters);
    for (const lesson of lessons) await lesson();
    await waiting.remove(firmId, key, settled);
    metrics.count('signalfold_waiting_released_total', {}, settled.length);
  }

  return {
    book,
    waiting,
    whose,
    learn,
    release,
    async letWait(firmId, entry) {
      const key = waitedFor(entry.source, { firmId, ...entry });
      if (key === null) throw new RangeError('an event without address and user waits for nobody');
      if (!(await waiting.add(firmId, key, entry))) return 'full';
      const found = await whose(entry.source, entry.topic, { firmId, ...entry });
      if (found.kind !== 'unknown') await release(firmId, key);
      return 'waits';
    },
  };
}
