import { type DeadLetterRecord, readDeadLetter } from '../../services/core/dead-letter.ts';
import { dayMs } from '../../services/core/time.ts';
import { sweepOnce } from '../../services/ingest/identity/sweep.ts';
import { openSourceRedrive } from '../../services/ingest/redrive.ts';
import type { Source } from '../../services/ingest/sources/source.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { type Actor, keycloakEvent, openStage, profile, type Stage, sourceOf } from './stage.ts';

const byField = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: field:crm_id }');
const byUser = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: userId }');
const byEmail = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const login = keycloakEvent('LOGIN', { details: { username: 'ann@example.org' } });

let stage: Stage;
let actor: Actor;
beforeEach(async () => {
  stage = await openStage();
  actor = stage.actor();
});
afterEach(() => stage.close());

async function letters(): Promise<readonly { readonly position: string; readonly record: DeadLetterRecord }[]> {
  const found: { position: string; record: DeadLetterRecord }[] = [];
  for await (const { key, value, headers } of stage.log.scan('dead-letter')) {
    const record = readDeadLetter(value, headers);
    if (record !== null) found.push({ position: Buffer.from(key ?? []).toString(), record });
  }
  return found;
}

async function only() {
  const [letter, ...others] = await letters();
  if (letter === undefined || others.length > 0) throw new Error(`${others.length + 1} letters where one was wanted`);
  return letter;
}

const redriveOf = (source: Source) => openSourceRedrive(actor.parts, [source]);
const logins = async () => (await stage.logged('login')).map(({ value }) => value);

test('given a rule that was mended since, then the letter is usable and its event is as it would have been', async () => {
  await actor.deliver(byField, [login]);
  const { position, record } = await only();
  expect(redriveOf(byField).judge(record)?.becomes).toBe('dead_letter');
  expect(redriveOf(byUser).judge(record)?.becomes).toBe('event');
  await redriveOf(byUser).send(record, position);
  await actor.deliver(byUser, [login]);
  const [redriven, delivered] = await logins();
  expect(redriven).toEqual(delivered);
});

test('given what is unusable still, when it is sent all the same, then it is the same letter again', async () => {
  await actor.deliver(byField, [login]);
  const before = await only();
  await redriveOf(byField).send(before.record, before.position);
  expect(await only()).toEqual(before);
});

test('given what waited in vain, when its client is known by now, then it is sent on under its own id', async () => {
  await actor.deliver(byEmail, [login]);
  stage.clock.now += 31 * dayMs;
  const bounds = { days: 30, count: 1000 };
  const parts = { ...actor.parts, store: stage.store, bounds };
  await sweepOnce({ ...parts, logger: createLogger('silent'), signal: new AbortController().signal });
  const { position, record } = await only();
  expect(redriveOf(byEmail).judge(record)?.becomes).toBe('event');
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  await redriveOf(byEmail).send(record, position);
  expect(await logins()).toMatchObject([{ clientId: 'ann', eventId: 'portal:kc-LOGIN' }]);
});

test('given what waited in vain, when its client is not known yet, then it waits again, from now on', async () => {
  await actor.deliver(byEmail, [login]);
  stage.clock.now += 31 * dayMs;
  const parts = { ...actor.parts, store: stage.store, bounds: { days: 30, count: 1000 } };
  const sweep = () => sweepOnce({ ...parts, logger: createLogger('silent'), signal: new AbortController().signal });
  await sweep();
  const { position, record } = await only();
  await redriveOf(byEmail).send(record, position);
  await sweep();
  expect((await actor.identity.waiting.list()).flatMap(({ entries }) => entries)).toHaveLength(1);
});

test('given a letter of no source, or of one that is not configured, then it cannot be judged', async () => {
  await actor.deliver({ ...byField, name: 'gone' }, [login]);
  const { record } = await only();
  expect(redriveOf(byUser).judge(record)).toBeNull();
  expect(redriveOf(byUser).judge({ ...record, source: null })).toBeNull();
});
