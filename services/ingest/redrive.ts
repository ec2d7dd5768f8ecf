// Dead letters of sources, sent again: the item goes through its source once more, what waited in vain looks for its client
// once more. Ids are made as before, so what had been taken all the same counts once.
import type { z } from 'zod';
import type { DeadLetterRecord } from '../core/dead-letter.ts';
import { FirmId } from '../core/ids.ts';
import { readText } from '../log/codec.ts';
import { canonicalMessage } from './canonical-message.ts';
import { deliver, type OutgoingEvent } from './deliver.ts';
import { WaitingEntry } from './identity/waiting.ts';
import { type IntakeParts, takeItems } from './intake.ts';
import { type Letter, waitingLetter } from './provider-letter.ts';
import type { Source } from './sources/source.ts';
import { type Tried, tryItems } from './trial.ts';
import { itemsOfBody } from './webhooks/body-items.ts';

/** What a letter would become, were it sent again now. */
export type Judged = {
  readonly becomes: 'event' | 'dropped' | 'dead_letter';
  /** For people; repeats nothing of the value. */
  readonly detail: string;
};

export type SourceRedrive = {
  /** Null for letters of no source, or of one that is not configured here. */
  judge(record: DeadLetterRecord): Judged | null;
  /** `position` is the letter's key. Resolves when what it became is durable; only for what could be judged. */
  send(record: DeadLetterRecord, position: string): Promise<void>;
};

const Waited = WaitingEntry.extend({ firmId: FirmId });
type Waited = z.infer<typeof Waited>;

export function openSourceRedrive(parts: IntakeParts, sources: readonly Source[]): SourceRedrive {
  const sourceOf = (record: DeadLetterRecord) => sources.find(({ name }) => name === record.source) ?? null;

  function itemsOf(source: Source, { value, headers }: DeadLetterRecord) {
    return itemsOfBody(value ?? new Uint8Array(0), headers['content-type'], source.offer.bodies);
  }

  return {
    judge(record) {
      const source = sourceOf(record);
      if (source === null) return null;
      if (waitedOf(record) !== null) {
        return { becomes: 'event', detail: 'Its client is looked for again; while there is none, it waits again.' };
      }
      const { headers, appendedAt: arrivedAt } = record;
      const { provider, zone } = source;
      return judged(tryItems(itemsOf(source, record), { source, provider, headers, arrivedAt, zone }));
    },

    async send(record, position) {
      const source = sourceOf(record);
      if (source === null) throw new RangeError(`the source ${record.source} is not configured`);
      const waited = waitedOf(record);
      if (waited !== null) return sendWaited(parts, waited);
      const { topic, incarnation, partition, offset, appendedAt, key, headers } = record;
      const part = Number(/\.(\d+)$/.exec(position)?.[1] ?? 0);
      const place = { topic, incarnation, partition, offset, appendedAt, key, part, headers };
      await takeItems(
        parts,
        source,
        itemsOf(source, record).map((item) => ({ ...item, place })),
      );
    },
  };
}

function judged(outcomes: readonly Tried[]): Judged {
  for (const outcome of outcomes) {
    if (outcome.kind === 'unusable') return { becomes: 'dead_letter', detail: outcome.detail };
    if (outcome.kind === 'event' && outcome.owner.kind === 'nobody') {
      return { becomes: 'dead_letter', detail: outcome.owner.detail };
    }
  }
  const asks = outcomes.some((outcome) => outcome.kind === 'event' && outcome.owner.kind === 'ask');
  if (asks) return { becomes: 'event', detail: 'It is usable; its client is looked for by its address or user.' };
  if (outcomes.some(({ kind }) => kind === 'event')) return { becomes: 'event', detail: 'It is usable.' };
  return { becomes: 'dropped', detail: 'It is of no concern for engagement.' };
}

/** Null when the letter is not of what waited. */
function waitedOf({ topic, value }: DeadLetterRecord): Waited | null {
  const text = value === null || !topic.startsWith('waiting/') ? null : readText(value);
  if (text === null) return null;
  try {
    return Waited.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** It waits from now on, because it has waited in vain before. */
async function sendWaited(parts: IntakeParts, { firmId, ...waited }: Waited): Promise<void> {
  const { identity, clock } = parts;
  const entry = { ...waited, since: clock.now() };
  const found = await identity.whose(entry.source, entry.topic, { firmId, ...entry });
  const events: OutgoingEvent[] = [];
  const letters: Letter[] = [];
  if (found.kind === 'unknown') {
    if ((await identity.letWait(firmId, entry)) === 'waits') return;
    letters.push(waitingLetter(firmId, entry, { reason: 'waiting_full', detail: 'as many events wait as may' }));
  } else if (found.kind === 'ambiguous') {
    letters.push(waitingLetter(firmId, entry, { reason: 'client_ambiguous', detail: found.detail }));
  } else {
    for (const clientId of found.clientIds) {
      const made = canonicalMessage(entry, entry.source, { firmId, clientId }, clock.now());
      if (made.kind === 'message') events.push(made);
      else letters.push(waitingLetter(firmId, entry, made));
    }
  }
  await deliver(parts, events, letters);
}
