// The query service in a simulation: rosters that are asked in the midst of it all, and erasures.
import { pino } from 'pino';
import { type ClientFacts, deriveClient, readClient } from '../../../services/core/derive/client.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import type { ClientKey, FirmId } from '../../../services/core/ids.ts';
import { compareIds } from '../../../services/core/ids.ts';
import type { Settings } from '../../../services/core/settings.ts';
import { changesTopic } from '../../../services/core/topics.ts';
import { eraseClient } from '../../../services/query/erase.ts';
import { openRosters, type Rosters } from '../../../services/query/roster/rosters.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import { Problem } from '../../../services/runtime/problem.ts';
import { shownOn } from '../../query/shown-on.ts';
import { Actor, calm, type Weather } from './actor.ts';
import { openSimLog } from './log.ts';
import { silent } from './silent-metrics.ts';
import { openSimStore, type Shelf } from './store.ts';
import type { Process, Stage } from './supervisor.ts';
import { untold } from './untold.ts';

const restartMsMax = 20_000;
/** A list that took longer may have given up waiting for what was told, and is some seconds old: see rosters.ts. */
const catchUpMs = 5_000;
const eraseAgainMs = 2_000;
const logger = pino({ level: 'silent' });

export type Query = Process & {
  rosters(): Rosters;
  /** Asks for a list and holds it to the views, if nothing was saved meanwhile. */
  askList(): void;
  /** As DELETE does it, until it answers. */
  erase(client: ClientKey): void;
  /** Who was erased for good. */
  readonly erased: ReadonlySet<string>;
  /** Whether nobody waits for an erasure. */
  isIdle(): boolean;
};

export function superviseQuery({ world, broker, shelf, wrong }: Stage, firmId: FirmId): Query {
  const erased = new Set<string>();
  let erasing = 0;
  let weather = calm;
  let lives = 0;
  let life = begin();

  function begin() {
    lives += 1;
    const actor = new Actor(world, `query.${lives}`);
    actor.weather = weather;
    const parts = { log: openSimLog(world, broker, actor), store: openSimStore(shelf, actor), clock: actor.clock };
    // Whoever waits for an answer of a process that dies sees the connection close.
    let close = () => {};
    const closed = new Promise<never>((_, reject) => {
      close = () => reject(new OperatingError('store_unreachable', 'the connection was closed', { retryable: true }));
    });
    closed.catch(() => undefined);
    return { actor, parts, closed, close, rosters: openRosters({ ...parts, logger, metrics: silent }) };
  }

  const askList = async () => {
    const { rosters } = life;
    const [askedAt, saves] = [world.now, shelf.saves];
    const allIsTold = untold(broker, shelf).length === 0;
    const ask = {
      ...everybody,
      settings: shelf.settings(),
      sort: world.happens(0.5) ? 'last_name' : 'last_login',
    } as const;
    const { at, page } = await rosters.page({ firmId, dataSince: null }, ask);
    // A topic of notices that was made anew is seen a moment later; until then a list may be what it was.
    if (broker.gone(changesTopic).length > 0) return;
    if (!allIsTold || shelf.saves !== saves || world.now - askedAt >= catchUpMs) return;
    wrong.push(
      ...disagreeing(page, listOf(shelf, firmId, ask.settings, at)).map((fault) => `in the midst of it, ${fault}`),
    );
  };

  const erase = async (client: ClientKey) => {
    for (;;) {
      try {
        await Promise.race([eraseClient(life.parts, client), life.closed]);
        erased.add(client.clientId);
        erasing -= 1;
        return;
      } catch (error) {
        // Nothing of the client has arrived yet, or a server did not answer.
        if (!(error instanceof Problem) && !(error instanceof OperatingError)) wrong.push(`erasing ended: ${error}`);
      }
      await new Promise<void>((resolve) => world.schedule(eraseAgainMs, resolve));
    }
  };

  return {
    erased,
    isIdle: () => erasing === 0,
    actor: () => life.actor,
    rosters: () => life.rosters,
    // While it cannot be loaded, or with a process that dies, there is no list.
    askList: () => void askList().catch(() => undefined),
    erase: (client) => {
      erasing += 1;
      void erase(client);
    },
    crash: () => {
      if (life.actor.isDead()) return;
      life.actor.die();
      life.close();
      world.schedule(500 + world.chance() * restartMsMax, () => {
        life = begin();
      });
    },
    setWeather: (next: Weather) => {
      weather = next;
      life.actor.weather = next;
    },
  };
}

export type Listed = { readonly clientId: string; readonly facts: ClientFacts };

/** Whom a list shows, derived from the views as they stand; in the order of their ids. */
export function listOf(shelf: Shelf, firmId: FirmId, settings: Settings, at: number): readonly Listed[] {
  return shelf.clients(firmId).flatMap(({ clientId, views }) => {
    const facts = deriveClient(readClient(views), frameOf(settings, at));
    return facts === null || facts.profile === null ? [] : [{ clientId, facts }];
  });
}

/** What a page says, and should say instead. */
export function disagreeing(page: Parameters<typeof shownOn>[0], clients: readonly Listed[]): readonly string[] {
  const { items, total, facets } = shownOn(page);
  const count = (isOne: (facts: ClientFacts) => boolean) => clients.filter(({ facts }) => isOne(facts)).length;
  const rated = (rating: string) => count(({ signals }) => signals.rating === rating);
  const wanted = {
    clientIds: clients.map(({ clientId }) => clientId).sort(compareIds),
    total: clients.length,
    rating: {
      ...{ green: rated('green'), amber: rated('amber'), red: rated('red') },
      none: count(({ signals, access }) => signals.rating === 'none' && access.everGranted),
    },
    access: {
      has_portal_access: count(({ access }) => access.has),
      logged_in_recently: count(({ access, signals }) => access.has && signals.loggedInRecently),
      never_logged_in: count(({ access, signals }) => access.has && signals.lastLogin === null),
      no_portal_access: count(({ access }) => !access.has),
    },
  };
  const is = {
    clientIds: items.map(({ clientId }) => clientId).sort(compareIds),
    total,
    rating: facets.rating,
    access: facets.access,
  };
  const [one, other] = [JSON.stringify(is), JSON.stringify(wanted)];
  return one === other ? [] : [`the list is ${one}, should be ${other}`];
}

export const everybody = {
  filter: { book: null, status: null },
  order: 'asc',
  limit: 200,
  at: null,
  after: null,
} as const;
