// Writes schemas/: one JSON Schema (draft 2020-12) per topic and version, made from core's zod definitions, its Avro twin
// for topics of events, and the OpenAPI and AsyncAPI documents, which the service makes from the schemas that validate.
// `node infra/schemas.ts` writes them; with `--check` it writes nothing, names what is stale and exits with 1.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { avroTwins } from '../services/core/avro/twin.ts';
import { DeadLetterHeaders } from '../services/core/dead-letter.ts';
import { schemaVersionNewest } from '../services/core/events/parts.ts';
import { changesTopic, deadLetterTopic, eventSchemas, noticeSchema } from '../services/core/topics.ts';
import { readContracts } from './contract.ts';

const schemas: Readonly<Record<string, z.ZodType>> = {
  ...eventSchemas,
  [changesTopic]: noticeSchema,
  [deadLetterTopic]: DeadLetterHeaders,
};

const options = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(import.meta.dirname, '..', 'schemas') },
  },
}).values;

const fresh = new Map(Object.entries(schemas).map(([topic, schema]) => [pathOf(topic), textOf(topic, schema)]));
for (const [topic, twin] of avroTwins) {
  fresh.set(join(topic, `v${schemaVersionNewest}.avsc`), `${JSON.stringify(twin, null, 2)}\n`);
}
for (const [name, text] of await readContracts()) fresh.set(name, text);
process.exitCode = options.check ? await check(options.folder) : await write(options.folder);

function pathOf(topic: string): string {
  return join(topic, `v${schemaVersionNewest}.schema.json`);
}

function textOf(topic: string, schema: z.ZodType): string {
  // The input side is what goes over the wire; unknown extra fields stay allowed there.
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  const $id = `urn:signalfold:schema:${topic}:v${schemaVersionNewest}`;
  return `${JSON.stringify({ $schema, $id, ...rest }, null, 2)}\n`;
}

async function write(folder: string): Promise<number> {
  for (const [path, text] of fresh) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  process.stdout.write(`wrote ${fresh.size} schemas\n`);
  return 0;
}

async function check(folder: string): Promise<number> {
  const stale: string[] = [];
  for (const [path, text] of fresh) {
    const present = await readFile(join(folder, path), 'utf8').catch(() => '');
    if (present !== text) stale.push(path);
  }
  // Older versions stay beside the newest; a topic that is no longer ours does not.
  const present = await readdir(folder, { recursive: true }).catch(() => []);
  for (const path of present.filter((name) => /\.(schema\.json|avsc)$/.test(name))) {
    if (!Object.hasOwn(schemas, dirname(path))) stale.push(path);
  }
  for (const path of stale) process.stderr.write(`stale: schemas/${path}\n`);
  if (stale.length === 0) process.stdout.write(`${fresh.size} schemas are fresh\n`);
  else process.stderr.write('Run `node infra/schemas.ts` and commit what it writes.\n');
  return stale.length === 0 ? 0 : 1;
}
