// Producers that post histories over HTTP, one a firm, and post again what was not acknowledged and some of what was.
import { setTimeout as wait } from 'node:timers/promises';
import { castOf, type Member, type Sent } from '../../e2e/cast.ts';
import { fitsLedgers } from '../../model/memory.ts';
import { randomFrom } from '../../model/timeline.ts';
import { burstsOf } from '../kill-load.ts';
import { openPosting, type Post } from '../posting.ts';
import type { Crew } from './crew.ts';

const waveClients = 40;
const burstPauseMs = 250;
const retryMsMax = 400;
const repeatedShare = 0.08;
const finishMsMax = 300_000;

export type Producers = {
  readonly members: readonly Member[];
  readonly posts: readonly Post[];
  readonly answers: ReadonlyMap<string, number>;
  /** Sends what is left of the waves in hand; resolves when all of it is acknowledged. */
  finish(): Promise<void>;
};

export function startProducers(crew: Crew, seed: number, firms: readonly string[], now: number): Producers {
  const posting = openPosting();
  const members: Member[] = [];
  let finishBy: number | null = null;

  const postBurst = async (burst: readonly Sent[], random: () => number) => {
    for (;;) {
      const taker = random() < 0.5 ? 'ingest-a' : 'ingest-b';
      const send = (path: string, lines: string) =>
        crew.ask(taker, 'POST', path, lines, { 'content-type': 'application/x-ndjson' });
      const isTaken = await posting.tryOnce(send, burst);
      if (isTaken && random() >= repeatedShare) return;
      if (finishBy !== null && Date.now() > finishBy) throw new Error('ingest does not take what is left');
      if (!isTaken) await wait(random() * retryMsMax);
    }
  };

  const produce = async (firmId: string, firm: number) => {
    const random = randomFrom(seed * 31 + firm);
    for (let wave = 0; finishBy === null; wave += 1) {
      const castSeed = (seed + 1_000 * wave + firm) % 2 ** 31;
      const cast = castOf(
        { seed: castSeed, clients: waveClients, firmId, accepts: ({ events }) => fitsLedgers(events) },
        now,
      );
      members.push(...cast);
      for (const burst of burstsOf(cast, random)) {
        await postBurst(burst, random);
        if (finishBy === null) await wait(burstPauseMs);
      }
    }
  };
  const producing = Promise.all(firms.map(produce));
  producing.catch(() => undefined);
  return {
    members,
    posts: posting.posts,
    answers: posting.answers,
    finish: async () => {
      finishBy = Date.now() + finishMsMax;
      await producing;
    },
  };
}
