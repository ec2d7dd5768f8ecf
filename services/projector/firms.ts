// Makes firms known to the store, with the instant since which there is data; costs nothing once a firm is known.
import type { FirmId } from '../core/ids.ts';
import { untilDone } from '../runtime/retry.ts';
import type { Firm } from './batch.ts';
import type { Room } from './room.ts';

/** Firms remembered as noted; beyond that we forget them all, which costs a repeated note each. */
export const firmsMax = 100_000;

export type FirmNotes = (room: Room, firms: readonly Pick<Firm, 'firmId' | 'dataSince'>[]) => Promise<void>;

/** Resolves when every firm is known with at least that early an instant. */
export function openFirmNotes(): FirmNotes {
  const noted = new Map<FirmId, number | null>();
  return async (room, firms) => {
    const news: { firmId: FirmId; dataSince: number | null }[] = [];
    for (const { firmId, dataSince } of firms) {
      const known = noted.get(firmId);
      if (known === undefined || (dataSince !== null && (known === null || dataSince < known))) {
        news.push({ firmId, dataSince });
      }
    }
    if (news.length === 0) return;
    await untilDone(room, 'note firms', () => room.store.noteFirms(news));
    if (noted.size + news.length > firmsMax) noted.clear();
    for (const { firmId, dataSince } of news) noted.set(firmId, dataSince);
  };
}
