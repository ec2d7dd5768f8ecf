// Keeps a projector running in a simulation, as an orchestrator would: starts it again after a crash or a fatal fault.
import { pino } from 'pino';
import { runProjector } from '../../../services/projector/main.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import { Actor, calm, type Weather } from './actor.ts';
import type { Broker } from './broker.ts';
import type { Feed } from './feed.ts';
import { openSimLog } from './log.ts';
import { silent } from './silent-metrics.ts';
import { openSimStore, type Shelf } from './store.ts';
import type { World } from './world.ts';

const restartMsMax = 20_000;
const logger = pino({ level: 'silent' });

const config = {
  flush: { delayMs: 100, events: 40, behindDelayMs: 3_000, behindEvents: 400 },
  // Room for some of the views only.
  cacheBytesMax: 20_000,
};

export type Stage = {
  readonly world: World;
  readonly broker: Broker;
  readonly shelf: Shelf;
  readonly feed: Feed;
  readonly group: string;
  /** What must not happen, and did. */
  readonly wrong: string[];
};

/** A process that is started again whenever it ends. */
export type Process = {
  actor(): Actor;
  /** kill -9, and a new process somewhat later. */
  crash(): void;
  setWeather(weather: Weather): void;
};

export function supervise({ world, broker, shelf, feed, group, wrong }: Stage, name: string): Process {
  let weather = calm;
  let lives = 0;
  let actor = begin(false);

  function begin(acceptLoss: boolean): Actor {
    lives += 1;
    const mine = new Actor(world, `${name}.${lives}`);
    mine.weather = weather;
    const projector = runProjector({
      config: { ...config, group },
      log: openSimLog(world, broker, mine),
      store: openSimStore(shelf, mine),
      clock: mine.clock,
      logger,
      metrics: silent,
      acceptLoss,
    });
    projector.done.catch((error: unknown) => {
      mine.die();
      if (!(error instanceof OperatingError) || error.code !== 'messages_lost') {
        wrong.push(`${mine.name} ended: ${error instanceof Error ? error.stack : String(error)}`);
        return;
      }
      // The operator is told, sees to it that the producers send again what was lost, and goes on.
      feed.sendLostAgain();
      startAgain(true);
    });
    return mine;
  }

  function startAgain(acceptLoss: boolean): void {
    const last = actor;
    world.schedule(500 + world.chance() * restartMsMax, () => {
      // Two faults at once still make one new process.
      if (actor === last) actor = begin(acceptLoss);
    });
  }

  return {
    actor: () => actor,
    crash: () => {
      if (actor.isDead()) return;
      actor.die();
      startAgain(false);
    },
    setWeather: (next) => {
      weather = next;
      actor.weather = next;
    },
  };
}
