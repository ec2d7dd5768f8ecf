// The import rule: every kind of breach is planted and must be reported with file, line and rule; the real tree is clean.
import { resolve } from 'node:path';
import { importFindings } from '../../infra/checks/imports.ts';
import { inTree } from './planted.ts';

type Planted = readonly [what: string, path: string, text: string, breach: string];

/** Every text has its breach on line 2, so that a line number read off the wrong thing is seen. */
const breaches: readonly Planted[] = [
  ['core importing another room', 'services/core/a.ts', "import { b } from '../runtime/b.ts';", 'rooms'],
  ['runtime importing core', 'services/runtime/a.ts', "import { b } from '../core/b.ts';", 'rooms'],
  ['log importing store', 'services/log/a.ts', "import { b } from '../store/b.ts';", 'rooms'],
  ['query importing projector', 'services/query/a.ts', "import { b } from '../projector/b.ts';", 'rooms'],
  ['a type-only import', 'services/query/a.ts', "import type { B } from '../export/b.ts';", 'rooms'],
  ['an inline type import', 'services/query/a.ts', "import { type B } from '../export/b.ts';", 'rooms'],
  ['a type named by import()', 'services/query/a.ts', "type B = import('../export/b.ts').B;", 'rooms'],
  ['a re-export', 'services/query/a.ts', "export { b } from '../export/b.ts';", 'rooms'],
  ['a re-export of all', 'services/query/a.ts', "export * from '../export/b.ts';", 'rooms'],
  ['a type-only re-export', 'services/query/a.ts', "export type { B } from '../export/b.ts';", 'rooms'],
  ['a dynamic import', 'services/query/a.ts', "const b = await import('../export/b.ts');", 'rooms'],
  ['a dynamic import by template', 'services/query/a.ts', 'const b = await import(`../export/b.ts`);', 'rooms'],
  ['a require', 'services/query/a.ts', "const b = require('../export/b.ts');", 'rooms'],
  ['an import by require', 'services/query/a.ts', "import b = require('../export/b.ts');", 'rooms'],
  ['a resolved module', 'services/query/a.ts', "const b = import.meta.resolve('../export/b.ts');", 'rooms'],
  ['an import for its effect', 'services/query/a.ts', "import '../export/b.ts';", 'rooms'],
  ['a way around by dots', 'services/query/a.ts', "import { b } from './x/../../export/b.ts';", 'rooms'],
  ['services importing tests', 'services/query/a.ts', "import { b } from '../../test/b.ts';", 'rooms'],
  ['infra/local importing a room', 'infra/local/a.ts', "import { b } from '../../services/log/b.ts';", 'rooms'],
  ['infra importing tests', 'infra/a.ts', "import { b } from '../test/b.ts';", 'rooms'],
  ['a room importing infra', 'services/log/a.ts', "import { b } from '../../infra/local/b.ts';", 'rooms'],
  ['a room’s main imported by its room', 'services/query/a.ts', "import { b } from './main.ts';", 'mains'],
  ['cli.ts imported by a room', 'services/query/a.ts', "import { b } from '../cli.ts';", 'mains'],
  ['a part of cli.ts imported by a room', 'services/query/a.ts', "import { b } from '../cli/b.ts';", 'mains'],
  ['a module named by a variable', 'services/query/a.ts', 'const b = await import(name);', 'literal'],
  ['a reference comment', 'services/core/a.ts', '/// <reference types="node" />', 'literal'],
  ['a file address', 'services/query/a.ts', "import { b } from 'file:///b.ts';", 'relative'],
  ['zod’s neighbours in core', 'services/core/a.ts', "import { DateTime } from 'luxon';", 'packages'],
  ['a Node module in core', 'services/core/a.ts', "import { readFileSync } from 'node:fs';", 'packages'],
  ['Kafka outside log', 'services/projector/a.ts', "import { Kafka } from 'kafkajs';", 'packages'],
  ['the other Kafka client outside log', 'services/cli.ts', "import { B } from '@platformatic/kafka';", 'packages'],
  ['DynamoDB outside store', 'services/query/a.ts', "import type { B } from '@aws-sdk/client-dynamodb';", 'packages'],
  ['LMDB outside log and store', 'services/export/a.ts', "import { open } from 'lmdb';", 'packages'],
  ['S3 outside deliveries', 'services/export/a.ts', "import { S3Client } from '@aws-sdk/client-s3';", 'packages'],
  ['SMTP outside deliveries', 'services/query/a.ts', "import { createTransport } from 'nodemailer';", 'packages'],
  ['the dashboard taking values', 'services/dashboard/a.ts', "import { b } from '../query/wire.ts';", 'types'],
  [
    'the dashboard beyond wire types',
    'services/dashboard/a.ts',
    "import type { B } from '../query/roster.ts';",
    'rooms',
  ],
  ['a Node module in the dashboard', 'services/dashboard/a.tsx', "import { readFileSync } from 'node:fs';", 'packages'],
  ['a service’s package in the dashboard', 'services/dashboard/a.ts', "import { z } from 'zod';", 'packages'],
  ['the dashboard’s packages elsewhere', 'services/query/a.ts', "import { useState } from 'react';", 'packages'],
  ['the environment', 'services/query/a.ts', 'const b = process.env;', 'environment'],
  ['the environment by key', 'services/query/a.ts', "const b = process['env'].HOME;", 'environment'],
  ['the environment taken apart', 'services/query/a.ts', 'const { env } = process;', 'environment'],
  ['the environment by globalThis', 'services/query/a.ts', 'const b = globalThis.process.env;', 'environment'],
  ['the time of day', 'services/query/a.ts', 'const b = Date.now();', 'clock'],
  ['the time of day as a function', 'services/query/a.ts', 'const b = [1].map(Date.now);', 'clock'],
  ['a new Date without an argument', 'services/query/a.ts', 'const b = new Date();', 'clock'],
  ['Date called', 'services/query/a.ts', 'const b = Date();', 'clock'],
  ['performance', 'services/query/a.ts', 'const b = performance.now();', 'clock'],
  ['a timer', 'services/query/a.ts', 'setTimeout(() => {}, 1);', 'clock'],
  ['an interval', 'services/query/a.ts', 'setInterval(() => {}, 1);', 'clock'],
  ['a timer by import', 'services/query/a.ts', "import { setTimeout as b } from 'node:timers/promises';", 'clock'],
  ['a timing-out signal', 'services/query/a.ts', 'const b = AbortSignal.timeout(1);', 'clock'],
  ['luxon’s now', 'services/query/a.ts', 'const b = DateTime.now();', 'clock'],
  ['luxon’s silent now', 'services/query/a.ts', 'const b = DateTime.utc();', 'clock'],
  ['chance', 'services/query/a.ts', 'const b = Math.random();', 'chance'],
  ['a folder that is no room', 'services/misc/a.ts', '', 'rooms'],
  ['a file that does not parse', 'services/query/a.ts', 'const = ;', 'syntax'],
];

const allowed: readonly (readonly [path: string, text: string])[] = [
  ['services/core/a.ts', "import { z } from 'zod'; import { b } from './derive/b.ts';"],
  ['services/log/kafka.ts', "import { Kafka } from 'kafkajs'; import { b } from '../core/b.ts';"],
  ['services/store/dynamodb.ts', "import { B } from '@aws-sdk/client-dynamodb'; import { c } from '../runtime/c.ts';"],
  ['services/export/delivery-s3.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
  ['services/cli.ts', "import { b } from './query/main.ts'; process.exitCode = process.argv.length;"],
  ['services/dashboard/a.ts', "import type { Card } from '../query/wire.ts'; const b = Date.now();"],
  [
    'services/dashboard/a.tsx',
    "import { useState } from 'react'; import { init } from 'echarts/core'; import './a.css';",
  ],
  ['services/runtime/clock.ts', 'export const now = () => Date.now(); setTimeout(now, 1);'],
  ['services/query/a.ts', 'const b = new Date(0); const c = Date.UTC(2020, 1); const d = b instanceof Date;'],
  [
    'services/query/b.ts',
    'type T = { at: Date; setTimeout: number }; const b = clock.performance; const c = { process: 1 };',
  ],
  ['test/core/a.test.ts', "import { b } from '../../services/core/b.ts'; import { c } from '../../infra/local/c.ts';"],
  ['infra/schemas.ts', "import { b } from '../services/core/b.ts';"],
];

describe('the import rule', () => {
  test.each(breaches)('given %s, when checked, then it is reported', (_what, path, text, rule) => {
    const atLine = rule === 'syntax' || path.includes('misc') ? 1 : 2;
    const found = inTree({ [path]: `// A file.\n${text}\n` }, importFindings);
    expect(found.map((finding) => [finding.file, finding.line, finding.rule])).toEqual([[path, atLine, rule]]);
  });

  test.each(allowed)('given what %s may do, when checked, then nothing is reported', (path, text) => {
    expect(inTree({ [path]: `// A file.\n${text}\n` }, importFindings)).toEqual([]);
  });

  test('given this repository, when checked, then nothing is reported', () => {
    expect(importFindings(resolve(__dirname, '../..'))).toEqual([]);
  });
});
