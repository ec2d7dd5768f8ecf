// A process that ends anywhere between two steps loses nothing: whoever was not answered sends again, what was not committed
// is delivered again, and in the end every event is its client's, under one id.
import { z } from 'zod';
import { OperatingError } from '../../../services/runtime/errors.ts';
import { type Actor, crashingAt, keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');

/** What comes in for one client, each to be repeated until it was taken. A run has a client, a user and a session of its own. */
function worksOf(run: string): Readonly<Record<string, (actor: Actor) => Promise<unknown>>> {
  const user = { userId: `user-${run}`, sessionId: `session-${run}` };
  const address = `${run}@example.org`;
  const login = keycloakEvent('LOGIN', { ...user, id: `login-${run}`, details: { username: address } });
  const begun = keycloakEvent('IMPERSONATE', { ...user, id: `begun-${run}`, details: { impersonator: 'admin' } });
  return {
    login: (actor) => actor.deliver(portal, [login]),
    begun: (actor) => actor.deliver(portal, [begun]),
    profile: (actor) => actor.follow('client', [profile(run, [address])]),
  };
}

const together = ['login', 'begun', 'profile'];
const cases = [
  ...[together, ['begun', 'profile', 'login'], ['begun', 'login', 'profile']].map((order) => [order, false] as const),
  [together, true] as const,
];
const Event = z.object({ clientId: z.string(), eventId: z.string() });
/** More steps than any order takes. */
const stepsMax = 200;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** True once the nth step is beyond the last. */
async function runOnce(order: readonly string[], atOnce: boolean, nth: number, when: 'before' | 'after') {
  const name = `run-${nth}`;
  const works = worksOf(name);
  const crash = crashingAt(nth, when);
  const failed = await run(works, stage.actor(crash.around), order, atOnce);
  // The next process, to which all that was not taken comes again.
  expect(await run(works, stage.actor(), failed, false)).toEqual([]);
  expect(await idsIn('login', name)).toEqual([`portal:login-${name}`]);
  expect(await idsIn('impersonation', name)).toEqual([`portal:begun-${name}`]);
  expect(await stage.actor().identity.waiting.list()).toEqual([]);
  expect(await stage.logged('dead-letter')).toEqual([]);
  return !crash.crashed();
}

/** Answers what failed. */
async function run(
  works: ReturnType<typeof worksOf>,
  actor: Actor,
  names: readonly string[],
  atOnce: boolean,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const one = async (name: string) => {
    try {
      await works[name]?.(actor);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      failed.push(name);
    }
  };
  if (atOnce) await Promise.all(names.map(one));
  else for (const name of names) await one(name);
  return failed;
}

/** The ids of a client's events, each once. */
async function idsIn(topic: string, client: string): Promise<readonly string[]> {
  const events = (await stage.logged(topic)).map(({ value }) => Event.parse(value));
  return [...new Set(events.filter(({ clientId }) => clientId === client).map(({ eventId }) => eventId))];
}

describe.each(cases)('%j, at once: %j', (order, atOnce) => {
  test.each(['before', 'after'] as const)(
    'given the process ends %s any step, then nothing is lost',
    async (when) => {
      for (let nth = 1; nth <= stepsMax; nth += 1) if (await runOnce(order, atOnce, nth, when)) return;
      throw new Error('there was no end of steps');
    },
    120_000,
  );
});
