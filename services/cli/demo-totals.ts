// Adds up an exported report, so that the demo compares what a reader gets and not what some inner part believes.
import { createReadStream } from 'node:fs';
import { parse } from 'fast-csv';

export type Found = {
  readonly firmId: string;
  clients: number;
  withAccess: number;
  neverLoggedIn: number;
  logins365: number;
};

export async function readTotals(firmId: string, path: string): Promise<Found> {
  const found: Found = { firmId, clients: 0, withAccess: 0, neverLoggedIn: 0, logins365: 0 };
  const rows: AsyncIterable<Record<string, string>> = createReadStream(path).pipe(
    parse<Record<string, string>, Record<string, string>>({ headers: true }),
  );
  for await (const row of rows) {
    found.clients += 1;
    if (row['has_portal_access'] === 'yes') found.withAccess += 1;
    if (row['portal_access_status'] === 'never_logged_in') found.neverLoggedIn += 1;
    found.logins365 += Number(row['logins_365d']);
  }
  return found;
}
