// The shape of the file that names the sources, and where in it each thing stands.
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { FirmId } from '../../core/ids.ts';
import { isTimeZone } from '../../core/settings.ts';
import { secretReference } from '../../runtime/secret-reference.ts';

/** In a webhook's address, in event ids and in metrics. */
export const sourceNamePattern = /^[a-z][a-z0-9-]{0,39}$/;
/** Two: the new one and the one it replaces. */
const secretsMax = 2;

/** Never shown, because it may be the secret itself. */
const Secret = z
  .string('must be env:NAME or file:path')
  .regex(
    secretReference,
    'must name the secret, not be it: write env:NAME for a variable of the environment, or file:path',
  );

const text = z.string('must be a text').min(1, 'must not be empty');
const Rule = z
  .string('must be userId, email or field:NAME')
  .regex(/^(userId|email|field:.+)$/, 'must be userId, email or field:NAME');

/** One source, as written. What depends on its provider is checked later. */
export const SourceLine = z.strictObject({
  provider: text,
  secret: z
    .preprocess((given) => (given === undefined ? given : [given].flat()), z.array(Secret).min(1).max(secretsMax))
    .optional(),
  verify: z
    .union([text, z.looseObject({ scheme: text.optional() })], 'must be a scheme, or { scheme, … } with its options')
    .optional(),
  firm: z.string('is missing; write the id of the firm, or field:NAME').min(1, 'must not be empty'),
  firms: z.record(z.string(), FirmId, 'must tell firms by what the field says').optional(),
  client: z.union([Rule, z.array(Rule).min(1)], 'must be userId, email or field:NAME, or a list of them in order'),
  only: z
    .record(z.string(), z.union([text, z.array(text).min(1)]), 'must tell by field which values count')
    .default({}),
  zone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/London').default('UTC'),
  url: z.url({ protocol: /^https?$/, error: 'must be the https address that the provider calls' }).optional(),
  kafka: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, 'must be the name of a topic')
    .optional(),
  pull: z.looseObject({}, 'must be { … } with what the provider asks for').optional(),
  map: z.unknown().optional(),
});
export type SourceLine = z.infer<typeof SourceLine>;

export const SourcesFile = z.strictObject({
  waiting: z
    .strictObject({
      days: z.int('must be a whole number of days').min(1).max(365).default(30),
      count: z.int('must be a whole number of events').min(1).max(100_000).default(10_000),
    })
    .prefault({}),
  sources: z.record(z.string(), z.unknown(), 'must tell sources by their names'),
});

export type Place = readonly (string | number)[];

export type ParsedFile = {
  /** Undefined when it is no YAML at all. */
  readonly content: unknown;
  /** What the grammar refuses, each with its line. */
  readonly faults: readonly { readonly line: number; readonly wrong: string }[];
  /** The line of what stands at a place, or of the nearest thing around it, from 1. */
  lineOf(place: Place): number;
};

/** JSON is YAML too. */
export function parseFile(content: string): ParsedFile {
  const counter = new LineCounter();
  const document = parseDocument(content, { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(counter.linePos(offset).line, 1);
  return {
    content: document.errors.length === 0 ? document.toJS() : undefined,
    faults: document.errors.map(({ message, pos }) => ({ line: lineAt(pos[0]), wrong: message })),
    lineOf: (place) => lineAt(offsetOf(document.contents, place)),
  };
}

function offsetOf(root: Node | null, place: Place): number {
  let offset = root?.range?.[0] ?? 0;
  let node: unknown = root;
  for (const step of place) {
    if (!isMap(node)) return offset;
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
    if (pair === undefined || !isScalar(pair.key)) return offset;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
