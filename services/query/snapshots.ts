// Scans of firms that were just made, kept for a moment: a walk through pages, or a slider that is dragged, reads a firm
// once. One firm is scanned at a time, so that memory and the store are not asked for more than one more.
import { type Frame, frameOf } from '../core/derive/frame.ts';
import type { FirmId } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import { type Clock, inTime } from '../runtime/clock.ts';
import { Problem } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { type FirmScan, scanFirm } from './firm-scan.ts';

/** What changes meanwhile does not show for as long, counted from the end of the scan. */
const keptMsMax = 15_000;
/** Of all that are kept, a few hundred bytes each; the newest is kept however large it is. */
const keptClientsMax = 500_000;
/** How long an answer waits for a scan; the scan goes on, for whoever asks again. */
const waitMsMax = 10_000;
/** Scans that wait for their turn. */
const waitingMax = 16;

export type Snapshot = FirmScan & { readonly frame: Frame };

export type Snapshots = {
  /**
   * The firm as of `at` (epoch ms; null: some instant of the last moments) under settings as they are stored. Throws the
   * problem unavailable while it is being scanned.
   */
  take(firmId: FirmId, settingsText: string | null, at: number | null): Promise<Snapshot>;
  /** What was read of the firm serves nobody who asks from here on: a client was erased. */
  forget(firmId: FirmId): void;
  close(): Promise<void>;
};

export type SnapshotsLimits = { readonly keptMs: number; readonly waitMs: number; readonly clientsMax: number };

type Kept = { readonly firmId: FirmId; readonly scan: Promise<Snapshot>; clients: number };

export function openSnapshots(
  { store, clock }: { readonly store: ViewStore; readonly clock: Clock },
  limits: Partial<SnapshotsLimits> = {},
): Snapshots {
  const { keptMs = keptMsMax, waitMs = waitMsMax, clientsMax = keptClientsMax } = limits;
  const kept = new Map<string, Kept>();
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const keepWithinMemory = () => {
    let clients = [...kept.values()].reduce((sum, one) => sum + one.clients, 0);
    for (const [key, one] of [...kept].slice(0, -1)) {
      if (clients <= clientsMax) break;
      clients -= one.clients;
      if (one.clients > 0) kept.delete(key);
    }
  };

  const start = (key: string, firmId: FirmId, settingsText: string | null, at: number | null): Kept => {
    if (waiting >= waitingMax)
      throw new Problem('unavailable', 'Too many firms are being read. Try again in a moment.');
    waiting += 1;
    const scan = last.then(async () => {
      const frame = frameOf(readSettings(settingsText), at ?? clock.now());
      return { frame, ...(await scanFirm(store, firmId, frame, closing.signal)) };
    });
    const one: Kept = { firmId, scan, clients: 0 };
    const drop = () => {
      if (kept.get(key) === one) kept.delete(key);
    };
    last = scan.then(
      ({ clients }) => {
        waiting -= 1;
        one.clients = clients.length;
        keepWithinMemory();
        void clock.sleep(keptMs, closing.signal).then(drop);
      },
      () => {
        waiting -= 1;
        drop();
      },
    );
    kept.set(key, one);
    return one;
  };

  return {
    take: async (firmId, settingsText, at) => {
      const key = JSON.stringify([firmId, settingsText, at]);
      const { scan } = kept.get(key) ?? start(key, firmId, settingsText, at);
      const snapshot = await inTime(clock, waitMs, () => scan);
      if (snapshot !== undefined) return snapshot;
      throw new Problem('unavailable', 'The clients of this firm are being read. Try again in a moment.');
    },
    forget: (firmId) => {
      for (const [key, one] of [...kept]) if (one.firmId === firmId) kept.delete(key);
    },
    close: async () => {
      closing.abort();
      await last;
    },
  };
}
