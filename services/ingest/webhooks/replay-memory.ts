// Which deliveries were taken lately, so that a copy of one is only answered. What is forgotten, or was taken by another
// process, does no harm: an event that comes again has the same id, and the fold counts it once.

/** Per source. */
const deliveriesMax = 10_000;
/** A provider tries again within minutes, or hours later when we were down: then it had not been taken. */
const keptMsMax = 60 * 60_000;

export type ReplayMemory = {
  has(source: string, replayId: string, now: number): boolean;
  /** Only once all of the delivery is durable: until then the provider must be able to send it again. */
  note(source: string, replayId: string, now: number): void;
};

export function openReplayMemory(): ReplayMemory {
  const sources = new Map<string, Map<string, number>>();
  return {
    has(source, replayId, now) {
      const at = sources.get(source)?.get(replayId);
      return at !== undefined && now - at <= keptMsMax;
    },
    note(source, replayId, now) {
      const taken = sources.get(source) ?? new Map<string, number>();
      sources.set(source, taken);
      taken.delete(replayId);
      taken.set(replayId, now);
      // A map keeps the order in which its keys came, so the first is the oldest.
      for (const [oldest, at] of taken) {
        if (taken.size <= deliveriesMax && now - at <= keptMsMax) break;
        taken.delete(oldest);
      }
    },
  };
}
