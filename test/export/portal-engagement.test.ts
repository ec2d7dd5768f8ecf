import { parseString } from 'fast-csv';
import { frameOf } from '../../services/core/derive/frame.ts';
import { ListedReader } from '../../services/core/derive/listed.ts';
import { defaultSettings, type Settings } from '../../services/core/settings.ts';
import { CsvLines } from '../../services/export/csv.ts';
import { portalEngagementColumns, writeClient, writeHeader } from '../../services/export/portal-engagement.ts';
import { firmA, granted, logins, now, type TestClient, writesOf } from './stage.ts';

type Row = Record<string, string>;

async function rowOf(client: Omit<TestClient, 'clientId'>, settings: Partial<Settings> = {}): Promise<Row> {
  const stored = writesOf(firmA, { clientId: 'c', ...client });
  const frame = frameOf({ ...defaultSettings, ...settings }, now);
  const listed = new ListedReader(frame).read(stored);
  if (listed === null) throw new Error('the client has no profile');
  const lines = new CsvLines(1);
  writeHeader(lines);
  writeClient(lines, listed, frame);
  const [row] = await parsed(lines.take().toString());
  if (row === undefined) throw new Error('the client has no line');
  return row;
}

function parsed(text: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    parseString<Row, Row>(text, { headers: true })
      .on('error', reject)
      .on('data', (row: Row) => rows.push(row))
      .on('end', () => resolve(rows));
  });
}

describe('the Portal Engagement Export', () => {
  test('has the columns that were promised, in their order', () => {
    expect(portalEngagementColumns).toEqual([
      'client_name',
      'email',
      'client_type',
      'assigned_adviser',
      'has_portal_access',
      'portal_access_status',
      'last_login',
      'last_login_device_type',
      'last_login_platform',
      'logins_30d',
      'logins_90d',
      'logins_365d',
      'engagement_rating',
    ]);
  });

  test('gives every fact of an active client', async () => {
    const row = await rowOf({
      profile: {
        firstName: 'Ann',
        lastName: 'Lee',
        type: 'couple',
        emails: ['ann@example.com', 'second@example.com'],
        adviser: { id: 'adv-1', name: 'Bo Chen' },
      },
      events: [granted, ...logins(40, '2026-03-01T09:30:00Z')],
    });
    expect(row).toEqual({
      client_name: 'Ann Lee',
      email: 'ann@example.com',
      client_type: 'couple',
      assigned_adviser: 'Bo Chen',
      has_portal_access: 'yes',
      portal_access_status: 'active',
      last_login: '2026-03-01T09:30:00.000+00:00',
      last_login_device_type: 'Desktop',
      last_login_platform: 'macOS',
      logins_30d: '30',
      logins_90d: '40',
      logins_365d: '40',
      engagement_rating: 'green',
    });
  });

  test('leaves empty what there is not, and counts nothing as 0', async () => {
    expect(await rowOf({})).toEqual({
      client_name: '',
      email: '',
      client_type: 'individual',
      assigned_adviser: '',
      has_portal_access: 'no',
      portal_access_status: 'no_portal_access',
      last_login: '',
      last_login_device_type: '',
      last_login_platform: '',
      logins_30d: '0',
      logins_90d: '0',
      logins_365d: '0',
      engagement_rating: 'none',
    });
  });

  test('rates and counts a client without portal access as well', async () => {
    expect(await rowOf({ events: logins(2, '2026-02-28T00:00:00Z') })).toMatchObject({
      has_portal_access: 'no',
      portal_access_status: 'no_portal_access',
      last_login: '2026-02-28T00:00:00.000+00:00',
      logins_30d: '2',
      engagement_rating: 'green',
    });
  });

  test('tells access without a login', async () => {
    expect(await rowOf({ events: [granted] })).toMatchObject({
      has_portal_access: 'yes',
      portal_access_status: 'never_logged_in',
      last_login: '',
    });
  });

  test.each([
    ['2026-01-18T12:00:00Z', 'amber'],
    ['2026-01-18T11:59:59Z', 'red'],
  ])('rates a newest signal at %s %s', async (at, rating) => {
    expect((await rowOf({ events: logins(1, at) }))['engagement_rating']).toBe(rating);
  });

  test('names an adviser without a name by id', async () => {
    expect((await rowOf({ profile: { adviser: { id: 'adv-7', name: '' } } }))['assigned_adviser']).toBe('adv-7');
  });

  test('leaves device and platform empty for a login without a user agent', async () => {
    const [login] = logins(1, '2026-02-28T00:00:00Z');
    const row = await rowOf({ events: [{ ...login, topic: 'login', userAgent: undefined }] });
    expect(row).toMatchObject({ last_login_device_type: '', last_login_platform: '', logins_30d: '1' });
  });

  test.each([
    ['Asia/Kathmandu', '2026-03-01T15:15:00.000+05:45'],
    ['America/St_Johns', '2026-03-01T06:00:00.000-03:30'],
    ['Europe/London', '2026-03-01T09:30:00.000+00:00'],
    ['Pacific/Kiritimati', '2026-03-01T23:30:00.000+14:00'],
  ])('writes the last login in the zone %s', async (timeZone, text) => {
    expect((await rowOf({ events: logins(1, '2026-03-01T09:30:00Z') }, { timeZone }))['last_login']).toBe(text);
  });

  test('rounds an offset with seconds to minutes and keeps the instant', async () => {
    const row = await rowOf({ events: logins(1, '1970-06-01T00:00:00Z') }, { timeZone: 'Africa/Monrovia' });
    expect(row['last_login']).toBe('1970-05-31T23:16:00.000-00:44');
    expect(Date.parse(row['last_login'] ?? '')).toBe(Date.parse('1970-06-01T00:00:00Z'));
  });

  test.each(['client_name', 'email', 'client_type', 'assigned_adviser'])('defuses a formula in %s', async (column) => {
    const formula = '=HYPERLINK("x")';
    const profile = {
      firstName: formula,
      emails: [formula],
      type: formula,
      adviser: { id: 'a', name: formula },
    };
    expect((await rowOf({ profile }))[column]).toBe(`'${formula}`);
  });
});
