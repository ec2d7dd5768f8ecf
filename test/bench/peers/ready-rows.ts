// The ceiling for an export: a CSV library fed with rows that are ready, into nothing. The rows are as long as an export's.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { format } from 'fast-csv';
import { portalEngagementColumns } from '../../../services/export/portal-engagement.ts';
import { readArgs, startWatch, tell } from '../measured/child.ts';

export type ReadyRowsArgs = { readonly library: 'fast-csv' | 'csv-stringify'; readonly rows: number };

const differentRows = 1_000;

const { library, rows } = readArgs<ReadyRowsArgs>();
const ready = Array.from({ length: differentRows }, (_, index) => readyRow(index));

function formatter() {
  const header = [...portalEngagementColumns];
  return library === 'fast-csv'
    ? format({ headers: header, rowDelimiter: '\r\n' })
    : stringify({ header: true, columns: header, record_delimiter: '\r\n' });
}

const watch = startWatch();
let bytes = 0;
await pipeline(Readable.from(cycle(rows)), formatter(), async (formatted: AsyncIterable<Buffer>) => {
  for await (const piece of formatted) bytes += piece.length;
});
tell(watch(rows, { bytes }));

function readyRow(index: number): string[] {
  const name = `Last ${index}, First ${index}`;
  const login = '2026-05-30T10:11:12.000+01:00';
  const counts = ['3', '9', '31'];
  return [
    name,
    `c${index}@mail.example`,
    'individual',
    'Adviser 7',
    'yes',
    'active',
    login,
    'Desktop',
    'macOS',
    ...counts,
    'green',
  ];
}

function* cycle(rows: number): Generator<string[]> {
  for (let row = 0; row < rows; row += 1) yield ready[row % ready.length] ?? [];
}
