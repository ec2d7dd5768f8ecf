// A schema registry, by the API that Confluent's has and others speak too (Karapace, Apicurio, Redpanda).
import { z } from 'zod';
import { OperatingError } from '../../runtime/errors.ts';
import { type Fetch, type Fetched, fetchText } from '../../runtime/pinned-fetch.ts';

export type Registered =
  /** `references`: schemas that it names, each before whoever names it. */
  | { readonly kind: 'avro'; readonly schema: string; readonly references: readonly string[] }
  | { readonly kind: 'json' }
  | { readonly kind: 'other'; readonly type: string };

/** All reject with `registry_unreachable`, retryable, as long as it gives no answer. */
export type Registry = {
  /** Null when it knows no schema of that number. */
  schema(id: number): Promise<Registered | null>;
  /** All versions of the Avro schemas of a subject, the newest first; none where there is no such subject. */
  versions(subject: string): Promise<readonly Registered[]>;
};

export type RegistryOptions = {
  /** Without a slash at its end. */
  readonly url: string;
  /** The value of the header Authorization; null sends none. */
  readonly authorization: string | null;
  readonly fetch: Fetch;
};

const Reference = z.object({ subject: z.string(), version: z.int() });
const Answer = z.object({
  schema: z.string(),
  schemaType: z.string().default('AVRO'),
  references: z.array(Reference).default([]),
});
type Answer = z.infer<typeof Answer>;
const Versions = z.array(z.int());

const schemaBytesMax = 1024 * 1024;
/** It answers so of what it does not have, or cannot have: a number out of its range must not hold up what comes after it. */
const unknownStatuses: ReadonlySet<number> = new Set([400, 404, 410, 422]);
/** Of references within references; nobody has more but by mistake. */
const referencesDepthMax = 8;
/** Old versions beyond these are of no producer that still runs. */
const versionsMax = 50;

export function openRegistry({ url, authorization, fetch }: RegistryOptions): Registry {
  const headers = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
    ...(authorization === null ? {} : { authorization }),
  };
  async function ask<Read>(path: string, read: z.ZodType<Read>): Promise<Read | null> {
    const fetched = await fetchText(fetch, `${url}${path}`, { headers, bytesMax: schemaBytesMax });
    if (typeof fetched === 'object' && unknownStatuses.has(fetched.status)) return null;
    const parsed = read.safeParse(parse(fetched));
    if (parsed.success) return parsed.data;
    throw new OperatingError('registry_unreachable', `The schema registry ${describe(fetched)}.`, { retryable: true });
  }
  const versionPath = ({ subject, version }: z.infer<typeof Reference>) =>
    `/subjects/${encodeURIComponent(subject)}/versions/${version}`;

  async function referencesOf({ references }: Answer, depth: number): Promise<readonly string[]> {
    if (depth > referencesDepthMax) return [];
    const schemas: string[] = [];
    for (const reference of references) {
      const answer = await ask(versionPath(reference), Answer);
      if (answer !== null) schemas.push(...(await referencesOf(answer, depth + 1)), answer.schema);
    }
    return [...new Set(schemas)];
  }
  async function registered(answer: Answer): Promise<Registered> {
    if (answer.schemaType === 'JSON') return { kind: 'json' };
    if (answer.schemaType !== 'AVRO') return { kind: 'other', type: answer.schemaType };
    return { kind: 'avro', schema: answer.schema, references: await referencesOf(answer, 0) };
  }

  return {
    async schema(id) {
      const answer = await ask(`/schemas/ids/${id}`, Answer);
      return answer === null ? null : registered(answer);
    },
    async versions(subject) {
      const versions = (await ask(`/subjects/${encodeURIComponent(subject)}/versions`, Versions)) ?? [];
      const found: Registered[] = [];
      for (const version of versions.slice(-versionsMax).reverse()) {
        const answer = await ask(versionPath({ subject, version }), Answer);
        if (answer !== null) found.push(await registered(answer));
      }
      return found;
    },
  };
}

/** Undefined for what is no answer of a registry. */
function parse(fetched: Fetched): unknown {
  if (typeof fetched !== 'object' || fetched.status !== 200) return undefined;
  try {
    return JSON.parse(fetched.text);
  } catch {
    return undefined;
  }
}

function describe(fetched: Fetched): string {
  if (fetched === 'unreachable') return 'gave no answer';
  if (fetched === 'too_large') return 'answered with more than 1 MiB';
  if (fetched.status === 401 || fetched.status === 403) return `refuses us (${fetched.status}): see its credentials`;
  return `answered with status ${fetched.status} and no schema`;
}
