// View tokens of a running service: good ones, asked for as a back end would, and bad ones of every kind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openViewTokenKeys } from '../../services/query/view-token-keys.ts';
import { type Clock, systemClock } from '../../services/runtime/clock.ts';
import { openViewTokens } from '../../services/runtime/view-tokens.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';

export const badViews = [
  'expired',
  'of another service, with a key of the same name',
  'sealed on a day whose key is no longer kept',
  'that names another firm',
  'with a byte changed in what it seals',
  'with a byte changed in its tag',
  'cut short',
  'of nothing',
] as const;
export type BadView = (typeof badViews)[number];

export type Views = {
  /** Of firm-a: of everybody, of the clients of adv-1, and of client-ann and two who are not in firm-a. */
  readonly good: Readonly<Record<'ofFirm' | 'ofBook' | 'ofClients', string>>;
  /** Refused with 401. */
  readonly bad: Readonly<Record<BadView, string>>;
};

const hourMs = 3_600_000;
const Made = z.object({ token: z.string() });

/** `ask` makes a token by the route; `dataDir` is the service's own. */
export async function makeViews(ask: (body: unknown) => Promise<unknown>, dataDir: string): Promise<Views> {
  const made = async (body: unknown) => Made.parse(await ask(body)).token;
  const ofFirm = await made({});
  const [head = '', key = '', nonce = '', sealed = '', tag = ''] = ofFirm.split('.');
  const flipped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  const header = JSON.parse(Buffer.from(head.replace('sfview_', ''), 'base64url').toString());
  const renamed = `sfview_${encoded({ ...header, kid: header.kid.replace('firm-a', 'firm-b') })}`;
  const elsewhere = mkdtempSync(join(tmpdir(), 'signalfold-views-'));
  const bad: Record<BadView, string> = {
    expired: await mintedIn(join(dataDir, 'store'), -2 * hourMs, 'firm-a'),
    'of another service, with a key of the same name': await mintedIn(elsewhere, 0, 'firm-a'),
    'sealed on a day whose key is no longer kept': await mintedIn(elsewhere, -72 * hourMs, 'firm-a'),
    'that names another firm': [renamed, key, nonce, sealed, tag].join('.'),
    'with a byte changed in what it seals': [head, key, nonce, flipped(sealed), tag].join('.'),
    'with a byte changed in its tag': [head, key, nonce, sealed, flipped(tag)].join('.'),
    'cut short': [head, key, nonce, sealed].join('.'),
    'of nothing': 'sfview_',
  };
  rmSync(elsewhere, { recursive: true, force: true });
  return {
    good: {
      ofFirm,
      ofBook: await made({ adviserId: 'adv-1' }),
      ofClients: await made({ clientIds: ['client-ann', 'client-zoe', 'client-nobody'] }),
    },
    bad,
  };
}

/** Made beside the service, with the keys of that store, by a clock that goes wrong. */
export async function mintedIn(dir: string, awayMs: number, firmId: string): Promise<string> {
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + awayMs };
  const store = openEmbeddedStore({ dir });
  try {
    const tokens = openViewTokens(openViewTokenKeys(store, clock), clock);
    const view = { firmId, book: null, clientIds: null, minutes: 60 };
    return (await tokens.make({ id: 'key:crm', until: null }, view)).token;
  } finally {
    await store.close();
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
