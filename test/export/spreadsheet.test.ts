// The file goes through a real LibreOffice, and every cell must come out as it went in.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportFirm } from '../../services/export/export-firm.ts';
import { portalEngagementColumns } from '../../services/export/portal-engagement.ts';
import { armed } from '../../services/export/spreadsheet-text.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { firmA, granted, group, logins, now, openStage, type Stage, saveClients } from './stage.ts';

const isInstalled = spawnSync('soffice', ['--version']).status === 0;
const isLeftOut = !isInstalled && process.env['CI'] !== 'true';
if (isLeftOut) {
  process.stderr.write('LEFT OUT: the round trip through LibreOffice; there is no soffice (libreoffice-calc) here.\n');
}
const throughLibreOffice = isLeftOut ? describe.skip : describe;

type Cell = { readonly text: string; readonly isFormula: boolean };

/** Comma, double quote, UTF-8, from line 1; formulas are evaluated, as somebody who opens the file may choose. */
const csvFilter = 'CSV:44,34,76,1,,0,false,false,false,false,0,0,true';

/** Opens a CSV file as a spreadsheet and reads its cells back. */
function openAsSheet(file: string): Cell[][] {
  const dir = path.dirname(file);
  const profile = `-env:UserInstallation=${pathToFileURL(path.join(dir, 'profile'))}`;
  const args = ['--headless', profile, `--infilter=${csvFilter}`, '--convert-to', 'fods', '--outdir', dir, file];
  const run = spawnSync('soffice', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`soffice failed: ${run.error?.message ?? run.stderr}`);
  return cellsOf(readFileSync(file.replace(/\.csv$/, '.fods'), 'utf8'));
}

function cellsOf(xml: string): Cell[][] {
  const rows = [...xml.matchAll(/<table:table-row\b[^>]*?(?:\/>|>(.*?)<\/table:table-row>)/gs)];
  const cells = rows.map(([, row = '']) =>
    [...row.matchAll(/<table:table-cell\b([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].flatMap(
      ([, attributes = '', content = '']) => {
        const cell = { text: textOf(content), isFormula: attributes.includes('table:formula=') };
        const repeated = Number(/number-columns-repeated="(\d+)"/.exec(attributes)?.[1] ?? 1);
        return Array.from({ length: Math.min(repeated, portalEngagementColumns.length) }, () => cell);
      },
    ),
  );
  // Behind the last row there may be one for the rest of the sheet.
  return cells.filter((row) => row.some(({ text }) => text !== ''));
}

/** Each paragraph is a line of the cell. */
function textOf(content: string): string {
  const lines = [...content.matchAll(/<text:p\b[^>]*?(?:\/>|>(.*?)<\/text:p>)/gs)].map(([, line = '']) => line);
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return lines
    .join('\n')
    .replace(/<text:s(?: text:c="(\d+)")?\/>/g, (_, count = '1') => ' '.repeat(Number(count)))
    .replace(/<text:tab\/>/g, '\t')
    .replace(/<text:line-break\/>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&#x?([0-9a-fA-F]+);/g, (entity, code) =>
      String.fromCodePoint(Number.parseInt(code, entity.startsWith('&#x') ? 16 : 10)),
    )
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => entities[name] ?? '');
}

/** A spreadsheet knows one kind of line break within a cell. */
const withPlainBreaks = (text: string) => text.replace(/\r\n?/g, '\n');

const names = [
  'Ann Lee',
  'She said "hi", twice',
  '"',
  '""quoted""',
  'two\nlines',
  'three\r\nlines\r\nof text',
  'semi;colon, comma\tand tab',
  '=1+1',
  '=HYPERLINK("http://example.com/?x="&A1,"click")',
  "=cmd|' /C calc'!A0",
  '+44 20 7946 0000',
  '-2+3',
  '@SUM(A1:A9)',
  '\t=1+1',
  '  =1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(A1)',
  "'=1+1",
  "O'Brien",
  "'t Hooft",
  'محمد بن عبد الله',
  'שלום עולם',
  'Latin ثم عربي mixed',
  '\u202eright to left\u202c',
  '王小明',
  '김철수',
  'ऋषि शर्मा',
  'ศรีสุข',
  'Zoë Ångström-Łukasz',
  'e\u0301 decomposed',
  '👩‍👩‍👧 🇳🇿',
  '𝒜𝓃𝓃 𠮷',
  '  spaced  out  ',
  '&amp; <b>bold</b> &#65;',
];

throughLibreOffice('a file opened in LibreOffice', () => {
  const clock = openHandClock(now);
  let stage: Stage;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'signalfold-sheet-'));
    stage = await openStage(clock);
  });
  afterAll(async () => {
    await stage.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('has every cell as it was written, and no formula', async () => {
    const clients = names.map((name, index) => ({
      clientId: String(index).padStart(3, '0'),
      profile: { firstName: name, type: name, adviser: { id: 'a', name }, emails: [`${index}@example.com`] },
      events: [granted, ...logins(index % 3, '2026-02-28T09:30:00Z')],
    }));
    await saveClients(stage.store, firmA, clients);
    const file = path.join(dir, 'export.csv');
    await exportFirm({ ...stage, clock, group, firmId: firmA, filter: {} }, file);

    const [header, ...rows] = openAsSheet(file);
    expect(header?.map(({ text }) => text)).toEqual(portalEngagementColumns);
    expect(rows.flat().filter(({ isFormula }) => isFormula)).toEqual([]);
    const expected = names.map((name, index) => {
      const text = withPlainBreaks(name);
      const count = String(index % 3);
      const device = index % 3 === 0 ? ['', '', ''] : ['2026-02-28T09:30:00.000+00:00', 'Desktop', 'macOS'];
      const status = index % 3 === 0 ? 'never_logged_in' : 'active';
      const rating = index % 3 === 0 ? 'none' : 'green';
      return [text, `${index}@example.com`, text, text, 'yes', status, ...device, count, count, count, rating];
    });
    expect(rows.map((row) => row.map(({ text }) => armed(text)))).toEqual(expected);
  }, 120_000);

  test('would have run a formula that was not defused', () => {
    const file = path.join(dir, 'raw.csv');
    writeFileSync(file, '\ufeffname\r\n=1+1\r\n');
    expect(openAsSheet(file)).toEqual([[{ text: 'name', isFormula: false }], [{ text: '2', isFormula: true }]]);
  }, 120_000);
});
