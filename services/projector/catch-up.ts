// Impersonations first: whoever starts or takes over partitions that are behind, or falls behind, reads `impersonation` to
// the end seen then, before anything else. In a replay logins could otherwise run a year ahead of what takes them back.
import type { EventLog, LogReader } from '../log/port.ts';
import { type Patience, untilDone } from '../runtime/retry.ts';

const first = 'impersonation';

/** How often the group's commits are looked at while messages come; between polls that bring none, each time. */
export const lookAgainMs = 200;
/** When nobody in the group gets on for so long, the rest goes on: late is worse than out of order, which folds bear. */
export const waitWithoutProgressMsMax = 60_000;

type Ends = Map<number, number>;

export type CatchUp = {
  /**
   * To be called after each poll; pauses and resumes topics. `active`: messages came, or are being saved. `fellBehind`: a
   * long backlog has just been met.
   */
  step(active: boolean, fellBehind: boolean): Promise<void>;
};

/** Pauses all topics but impersonation at once, until the first assignment is known. */
export function openCatchUp(
  room: Patience & { readonly log: EventLog; readonly config: { readonly group: string } },
  reader: LogReader,
  topics: readonly string[],
): CatchUp {
  const { log, clock, logger } = room;
  const { group } = room.config;
  const others = topics.filter((topic) => topic !== first);
  let assigned: ReadonlySet<string> = new Set();
  let ends: Ends | null = null;
  let committed = 0;
  let lookedAt: number | null = null;
  let progressAt = 0;
  reader.pause(others);

  function pass(why: string): void {
    if (ends !== null) logger.info({ group }, why);
    ends = null;
    reader.resume(others);
  }

  async function begin(newcomers: readonly Place[]): Promise<void> {
    const behind = await untilDone(room, 'see how far behind we are', async () =>
      (await isBehind(log, group, newcomers)) ? await endsAhead(log, group) : null,
    );
    if (behind === null || behind.size === 0) {
      if (ends === null) reader.resume(others);
      return;
    }
    ends = behind;
    committed = 0;
    lookedAt = null;
    progressAt = clock.now();
    reader.pause(others);
    logger.info({ group, partitions: behind.size }, 'Behind: reading impersonations first.');
  }

  async function look(awaited: Ends, active: boolean): Promise<void> {
    const now = clock.now();
    if (active) {
      progressAt = now;
      if (lookedAt !== null && now - lookedAt < lookAgainMs) return;
    }
    lookedAt = now;
    const commits = await untilDone(room, 'read the commits', () => log.committed(group, first));
    let sum = 0;
    for (const offset of commits.values()) sum += offset;
    if (sum !== committed) progressAt = now;
    committed = sum;
    if ([...awaited].every(([partition, end]) => (commits.get(partition) ?? 0) >= end)) {
      pass('Impersonations are read; going on with everything.');
    } else if (now - progressAt >= waitWithoutProgressMsMax) {
      pass('Nobody reads the rest of the impersonations; going on without them.');
    }
  }

  return {
    step: async (active, fellBehind) => {
      const places = reader.assigned();
      const newcomers = places.filter((place) => !assigned.has(nameOf(place)));
      if (newcomers.length > 0 || places.length !== assigned.size) assigned = new Set(places.map(nameOf));
      if (newcomers.length > 0) await begin(newcomers);
      else if (fellBehind && ends === null) await begin(places);
      if (ends !== null) await look(ends, active);
    },
  };
}

type Place = { readonly topic: string; readonly partition: number };

function nameOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}

/** True when some of these partitions, impersonation aside, hold messages that the group has not read. */
async function isBehind(log: EventLog, group: string, places: readonly Place[]): Promise<boolean> {
  const topics = [...new Set(places.map(({ topic }) => topic))].filter((topic) => topic !== first);
  const names = new Set(places.map(nameOf));
  const behind = (await log.describe(topics)).map(async ({ topic, partitions }) => {
    const commits = await log.committed(group, topic);
    return partitions.some(({ partition, earliest, end }) => {
      return names.has(nameOf({ topic, partition })) && Math.max(earliest, commits.get(partition) ?? 0) < end;
    });
  });
  return (await Promise.all(behind)).includes(true);
}

/** The ends of the impersonation partitions that the group has yet to reach; whoever owns them. */
async function endsAhead(log: EventLog, group: string): Promise<Ends> {
  const ends: Ends = new Map();
  const commits = await log.committed(group, first);
  for (const { partitions } of await log.describe([first])) {
    for (const { partition, earliest, end } of partitions) {
      if (Math.max(earliest, commits.get(partition) ?? 0) < end) ends.set(partition, end);
    }
  }
  return ends;
}
