import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseString } from 'fast-csv';
import type { ClientFilter } from '../../services/core/filter.ts';
import { FirmId } from '../../services/core/ids.ts';
import { exportFirm, parseExportFilter } from '../../services/export/export-firm.ts';
import { portalEngagementColumns } from '../../services/export/portal-engagement.ts';
import { armed } from '../../services/export/spreadsheet-text.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { firmA, granted, group, logins, now, openStage, type Stage, saveClients } from './stage.ts';

const clock = openHandClock(now);
let stage: Stage;
beforeEach(async () => {
  stage = await openStage(clock);
});
afterEach(() => stage.close());

async function exported(filter: ClientFilter = {}): Promise<{ readonly bytes: Buffer; readonly rows: string[][] }> {
  const outPath = path.join(stage.dir, 'out.csv');
  await exportFirm({ ...stage, clock, group, firmId: firmA, filter }, outPath);
  const bytes = readFileSync(outPath);
  const rows = await new Promise<string[][]>((resolve, reject) => {
    const found: string[][] = [];
    parseString<string[], string[]>(bytes.toString('utf8'))
      .on('error', reject)
      .on('data', (row: string[]) => found.push(row))
      .on('end', () => resolve(found));
  });
  return { bytes, rows };
}

const names = async (filter: ClientFilter) => (await exported(filter)).rows.slice(1).map(([name]) => name);

describe('an export file', () => {
  test('begins with a byte-order mark and ends every line with CRLF', async () => {
    await saveClients(stage.store, firmA, [{ clientId: 'c1', profile: { firstName: 'Ann' } }]);
    const { bytes } = await exported();
    const columns = portalEngagementColumns.join(',');
    expect(bytes.toString('utf8')).toBe(`\ufeff${columns}\r\nAnn,,individual,,no,no_portal_access,,,,0,0,0,none\r\n`);
  });

  test('of a firm without clients has its mark and its header', async () => {
    await saveClients(stage.store, firmA, []);
    expect((await exported()).bytes.toString('utf8')).toBe(`\ufeff${portalEngagementColumns.join(',')}\r\n`);
  });

  const odd = [
    'She said "hi", twice',
    'two\nlines',
    'two\r\nlines',
    'a;b\tc,d',
    '=1+1',
    'محمد عبد الله',
    'שלום',
    '王小明',
    'हिन्दी',
    'Zoë Ångström',
    '👩‍👩‍👧 family',
    "O'Brien",
    '  spaced  ',
    '𝒜𝓃𝓃',
  ];
  test.each(odd.map((name) => [JSON.stringify(name), name] as const))('gives back the name %s', async (_, name) => {
    await saveClients(stage.store, firmA, [{ clientId: 'c1', profile: { firstName: name } }]);
    const { rows } = await exported();
    expect(armed(rows[1]?.[0] ?? '')).toBe(name);
    expect(rows[1]).toHaveLength(portalEngagementColumns.length);
  });

  test('has one row per client with a profile, in order of client ids by their bytes', async () => {
    const ids = ['c10', 'c2', 'Z', 'é', '王', '\u{1f600}', 'ａ'];
    await saveClients(stage.store, firmA, [
      ...ids.map((clientId) => ({ clientId, profile: { firstName: clientId } })),
      { clientId: 'c3', profile: null, events: [granted] },
    ]);
    const sorted = [...ids].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(await names({})).toEqual(sorted);
  });

  test('holds what a filter lets through: any of its values, all of the filters', async () => {
    const adviser = { id: 'adv-1', name: 'Bo' };
    await saveClients(stage.store, firmA, [
      {
        clientId: '1',
        profile: { firstName: 'Ann', adviser },
        events: [granted, ...logins(1, '2026-02-28T00:00:00Z')],
      },
      { clientId: '2', profile: { firstName: 'Anna', adviser }, events: [granted] },
      { clientId: '3', profile: { firstName: 'Ånn' } },
      { clientId: '4', profile: { firstName: 'Bob', adviser } },
    ]);
    expect(await names({ name: ['ann'] })).toEqual(['Ann', 'Anna', 'Ånn']);
    expect(await names({ adviser: ['adv-1'] })).toEqual(['Ann', 'Anna', 'Bob']);
    expect(await names({ access: ['logged_in_recently', 'no_portal_access'] })).toEqual(['Ann', 'Ånn', 'Bob']);
    expect(await names({ rating: ['none'] })).toEqual(['Anna']);
    expect(await names({ name: ['ann'], adviser: ['adv-1'], rating: ['green'] })).toEqual(['Ann']);
  });

  test('follows the zone that is set', async () => {
    await saveClients(stage.store, firmA, [{ clientId: '1', events: logins(1, '2026-02-28T23:00:00Z') }]);
    await stage.store.saveSettings(firmA, 0, JSON.stringify({ timeZone: 'Asia/Tokyo' }));
    expect((await exported()).rows[1]?.[6]).toBe('2026-03-01T08:00:00.000+09:00');
  });

  test('is told with its rows, hash, cut and lag', async () => {
    await saveClients(stage.store, firmA, [{ clientId: '1' }, { clientId: '2', profile: null, events: [granted] }]);
    await stage.log.append('login', [{ key: null, value: Buffer.from('{}') }]);
    const outPath = path.join(stage.dir, 'told.csv');
    const outcome = await exportFirm({ ...stage, clock, group, firmId: firmA, filter: {} }, outPath);
    const bytes = readFileSync(outPath);
    expect(outcome).toMatchObject({
      rows: 1,
      clients: 2,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      cut: { at: now, lag: { total: 1 } },
    });
    expect(outcome.cut.lag.topics['login']).toBe(1);
    const login = outcome.cut.positions.find(({ topic }) => topic === 'login');
    expect(login).toMatchObject({ partition: 0, offset: 0 });
  });
});

describe('exporting to a path', () => {
  const parts = () => ({ ...stage, clock, group, firmId: firmA, filter: {} });

  test('an unknown firm is an error, and no file appears', async () => {
    const outPath = path.join(stage.dir, 'x.csv');
    const asked = exportFirm({ ...parts(), firmId: FirmId.parse('nobody') }, outPath);
    await expect(asked).rejects.toMatchObject({ code: 'firm_unknown' });
    expect(readdirSync(stage.dir)).not.toContain('x.csv');
  });

  test('a file in its place stays as it was until the new one is whole', async () => {
    await saveClients(stage.store, firmA, [{ clientId: '1' }]);
    const outPath = path.join(stage.dir, 'x.csv');
    await exportFirm(parts(), outPath);
    const before = statSync(outPath).ino;
    const broken = {
      ...parts(),
      store: {
        ...stage.store,
        async *readFirm() {
          yield* [];
          throw new Error('the store went away');
        },
      },
    };
    await expect(exportFirm(broken, outPath)).rejects.toThrow('the store went away');
    expect(statSync(outPath).ino).toBe(before);
    expect(readdirSync(stage.dir).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('an aborted export leaves nothing', async () => {
    await saveClients(
      stage.store,
      firmA,
      Array.from({ length: 2_000 }, (_, index) => ({ clientId: `c${index}` })),
    );
    const abort = new AbortController();
    const running = exportFirm({ ...parts(), signal: abort.signal }, path.join(stage.dir, 'x.csv'));
    await nextTurn();
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(readdirSync(stage.dir).sort()).toEqual(['log', 'store']);
  });

  test('a folder is refused with what to do', async () => {
    await saveClients(stage.store, firmA, []);
    await expect(exportFirm(parts(), stage.dir)).rejects.toMatchObject({ code: 'file_unwritable' });
  });

  test('a device is written into, not replaced', async () => {
    await saveClients(stage.store, firmA, [{ clientId: '1' }]);
    await exportFirm(parts(), '/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('- is standard output', async () => {
    await saveClients(stage.store, firmA, [{ clientId: '1', profile: { firstName: 'Ann' } }]);
    const out = new PassThrough();
    const { bytes } = await exportFirm(parts(), '-', out);
    const written = out.read();
    expect(written).toHaveLength(bytes);
    expect(String(written)).toContain('Ann');
  });

  test('output that nobody reads to its end is an error', async () => {
    await saveClients(stage.store, firmA, []);
    const out = new PassThrough();
    out.destroy();
    await expect(exportFirm(parts(), '-', out)).rejects.toMatchObject({ code: 'file_unwritable' });
  });
});

describe('filters of the command line', () => {
  test('take several values by comma', () => {
    const given = { name: 'ann, bob', adviser: undefined, access: 'never_logged_in', rating: 'red,none' };
    expect(parseExportFilter(given)).toEqual({
      name: ['ann', 'bob'],
      access: ['never_logged_in'],
      rating: ['red', 'none'],
    });
  });

  test('name every mistake and what is allowed', () => {
    expect(() => parseExportFilter({ access: 'some', rating: 'blue' })).toThrow(
      /--access: .*has_portal_access.*--rating: .*green/,
    );
  });

  test('an empty filter is a mistake, not a filter that lets everybody through', () => {
    expect(() => parseExportFilter({ name: ' , ' })).toThrow(/--name: needs at least one value/);
  });
});
