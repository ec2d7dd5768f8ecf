// docker-compose.yml against the Compose specification's own JSON schema, and against what we promise about it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../services/runtime/config.ts';

const root = resolve(__dirname, '../..');
const composeText = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose: unknown = parse(composeText, { merge: true });

/** The parts that the promises below look at. */
const services = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        ports: z.array(z.string()).default([]),
        command: z.array(z.string()).optional(),
        environment: z.record(z.string(), z.string()).default({}),
        build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
        healthcheck: z.object({ disable: z.boolean().optional() }).loose(),
      }),
    ),
  })
  .parse(compose).services;

/** The services that are ours, not Kafka or DynamoDB Local. */
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);

/** The specification's schema, as a linter for such files carries it. Formats (ports, durations) are its own inventions. */
function composeSchema() {
  const file = join(dirname(require.resolve('dclint/package.json')), 'schemas/compose.schema.json');
  const { $schema, ...schema } = z.looseObject({ $schema: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}

/** What compose makes of `${NAME:-default}` when nothing is set. */
const withDefaults = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

describe('docker-compose.yml', () => {
  test('given the Compose specification, when validated, then it keeps to it', () => {
    const validate = composeSchema();
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  test('given a misspelt key, when validated, then the schema refuses it', () => {
    const validate = composeSchema();
    const misspelt = parse(composeText.replace('healthcheck:', 'healtcheck:'), { merge: true });
    expect(validate(misspelt)).toBe(false);
  });

  test('given every published port, then it is on loopback', () => {
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test.each(ours)('given the command of %s, then the command line has it, with its options', (_name, { command }) => {
    const [name = '', ...options] = command ?? [];
    const help = spawnSync(process.execPath, ['services/cli.ts', name, '--help'], { cwd: root, encoding: 'utf8' });
    expect(help.stdout).toContain(`Usage: signalfold ${name}`);
    for (const option of options) expect(help.stdout).toContain(option);
  });

  test.each(ours)(
    'given the settings of %s, when read, then they are right and name the documented key',
    (_name, { environment, build }) => {
      const given = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, withDefaults(value)]));
      const { config, mistakes } = readConfig(given, root);
      const hash = createHash('sha256').update('signalfold-development-key').digest('hex');
      expect(mistakes).toEqual([]);
      expect(config).toMatchObject({
        host: '0.0.0.0',
        dynamodbTable: 'signalfold',
        auth: { keys: [{ sha256: hash }] },
      });
      expect(existsSync(join(root, build?.dockerfile ?? ''))).toBe(true);
    },
  );
});
