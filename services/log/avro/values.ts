// Values that are not JSON: read by the schema they name, which our own schemas or a schema registry know.
import type { DeadLetterReason } from '../../core/reasons.ts';
import { type EventTopic, eventTopics } from '../../core/topics.ts';
import type { Clock } from '../../runtime/clock.ts';
import { readText } from '../codec.ts';
import { type Framed, framingOf } from './framing.ts';
import { type EventReader, openReader, parseWriter, twinWriter, type Writer, writerFingerprint } from './reader.ts';
import type { Registered, Registry } from './registry.ts';

/** A schema to be fetched before a message can be read. */
export type Need =
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'subject'; readonly topic: EventTopic; readonly fingerprint: bigint };

export type ReadValue =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: DeadLetterReason; readonly detail: string }
  | { readonly kind: 'needs'; readonly need: Need };

export type AvroValues = {
  /** Null for a value that names no schema, which is JSON or nothing. */
  read(topic: EventTopic, bytes: Uint8Array): ReadValue | null;
  /** Resolves when `read` will not need that any more. Rejects with `registry_unreachable`, retryable. */
  fetch(need: Need): Promise<void>;
};

export type AvroParts = {
  readonly registry: Registry | null;
  /** In front of topics' names, and so of subjects'. */
  readonly topicPrefix: string;
  readonly clock: Pick<Clock, 'now'>;
};

/** A schema that nobody knew is asked for again after this long, for registries that lag behind their producers. */
export const unknownMsMax = 60_000;

/** Registries number schemas by Java's int; what is beyond is rubbish, and none has to be asked. */
const idMax = 2 ** 31 - 1;

/** How a topic's values of one schema are read, or why they cannot be. */
type Opened = { readonly reader: EventReader } | { readonly clash: string };

export function openAvroValues({ registry, topicPrefix, clock }: AvroParts): AvroValues {
  const byId = new Map<number, Registered>();
  const unknownIds = new Map<number, number>();
  const registeredWriters = new Map<bigint, Writer>();
  const unknownFingerprints = new Map<bigint, number>();
  const opened = new Map<string, Opened>();
  function open(topic: EventTopic, name: string, writerOf: () => Writer): Opened {
    const key = `${topic}/${name}`;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const fresh = tryOpen(topic, writerOf);
    opened.set(key, fresh);
    return fresh;
  }

  function isUnknown(since: number | undefined): boolean {
    return since !== undefined && clock.now() - since < unknownMsMax;
  }

  function readSingleObject(
    topic: EventTopic,
    { fingerprint, body }: Extract<Framed, { kind: 'single-object' }>,
  ): ReadValue {
    const writer = ownWriters().get(fingerprint) ?? registeredWriters.get(fingerprint);
    if (writer !== undefined)
      return readBy(
        open(topic, `fingerprint ${fingerprint}`, () => writer),
        body,
      );
    if (registry === null)
      return refuse('unknown_schema', `value: names a schema by a fingerprint not known here; ${noRegistry}`);
    if (!isUnknown(unknownFingerprints.get(fingerprint))) {
      return { kind: 'needs', need: { kind: 'subject', topic, fingerprint } };
    }
    const subject = subjectOf(topicPrefix, topic);
    return refuse(
      'unknown_schema',
      `value: names a schema by its fingerprint; register it under the subject ${subject}`,
    );
  }

  function readRegistered(topic: EventTopic, { id, body }: Extract<Framed, { kind: 'registry' }>): ReadValue {
    if (registry === null) return refuse('unknown_schema', `value: names a schema of a registry; ${noRegistry}`);
    const registered = byId.get(id);
    if (registered === undefined) {
      if (id <= idMax && !isUnknown(unknownIds.get(id))) return { kind: 'needs', need: { kind: 'id', id } };
      return refuse('unknown_schema', `value: names schema ${id}, which the registry does not have`);
    }
    if (registered.kind === 'json') return readJson(body);
    if (registered.kind === 'other') {
      return refuse('schema_clash', `value: schema ${id} is of type ${registered.type}; Avro and JSON are read`);
    }
    return readBy(
      open(topic, `id ${id}`, () => parseWriter(registered.schema, registered.references)),
      body,
    );
  }

  return {
    read(topic, bytes) {
      const framed = framingOf(bytes);
      if (framed === null) return null;
      return framed.kind === 'registry' ? readRegistered(topic, framed) : readSingleObject(topic, framed);
    },
    async fetch(need) {
      if (registry === null) return;
      if (need.kind === 'id') {
        const registered = await registry.schema(need.id);
        if (registered === null) remember(unknownIds, need.id, clock.now());
        else byId.set(need.id, registered);
        return;
      }
      for (const registered of await registry.versions(subjectOf(topicPrefix, need.topic))) {
        const writer = registered.kind === 'avro' ? tryParse(registered.schema, registered.references) : null;
        if (writer !== null) registeredWriters.set(writerFingerprint(writer), writer);
      }
      if (!registeredWriters.has(need.fingerprint)) remember(unknownFingerprints, need.fingerprint, clock.now());
    },
  };
}

/** Reads by our own schemas alone. */
export function ownAvroValues(): AvroValues {
  return openAvroValues({ registry: null, topicPrefix: '', clock: { now: () => 0 } });
}

// Made when the first such message comes: most logs hold none.
let made: ReadonlyMap<bigint, Writer> | null = null;

function ownWriters(): ReadonlyMap<bigint, Writer> {
  made ??= new Map(eventTopics.map(twinWriter).map((writer) => [writerFingerprint(writer), writer]));
  return made;
}

const noRegistry = 'no registry is configured (SIGNALFOLD_SCHEMA_REGISTRY_URL)';

/** As the registry's clients name it unless told otherwise. */
function subjectOf(topicPrefix: string, topic: EventTopic): string {
  return `${topicPrefix}${topic}-value`;
}

/** Rubbish that happens to begin as if it named a schema must not fill the memory. */
const unknownsMax = 1_000;

function remember<Name>(unknowns: Map<Name, number>, name: Name, now: number): void {
  if (unknowns.size >= unknownsMax) unknowns.clear();
  unknowns.set(name, now);
}

function tryOpen(topic: EventTopic, writerOf: () => Writer): Opened {
  try {
    return { reader: openReader(topic, writerOf()) };
  } catch (error) {
    return { clash: error instanceof Error ? error.message : String(error) };
  }
}

function tryParse(schema: string, references: readonly string[]): Writer | null {
  try {
    return parseWriter(schema, references);
  } catch {
    return null;
  }
}

function readBy(opened: Opened, body: Uint8Array): ReadValue {
  if ('clash' in opened) return refuse('schema_clash', opened.clash);
  const read = tryRead(opened.reader, body);
  return read === null
    ? refuse('not_avro', 'value: is not of the schema it names')
    : { kind: 'value', value: read.value };
}

/** The library throws for what JavaScript's numbers cannot hold. */
function tryRead(reader: EventReader, body: Uint8Array): { readonly value: unknown } | null {
  try {
    return reader.read(body);
  } catch {
    return null;
  }
}

/** JSON Schema's own framing: the number of the schema, then JSON as ever. */
function readJson(body: Uint8Array): ReadValue {
  try {
    return { kind: 'value', value: JSON.parse(readText(body) ?? '') };
  } catch {
    return refuse('not_json', 'value: must be JSON');
  }
}

function refuse(reason: DeadLetterReason, detail: string): ReadValue {
  return { kind: 'refused', reason, detail };
}
