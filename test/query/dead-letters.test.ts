// Dead letters over HTTP, on the embedded log and on a real Kafka: listed, shown and sent again.
import { CardWire } from '../../services/core/derive/card.ts';
import { deadLetterTopic } from '../../services/core/topics.ts';
import type { EventLog } from '../../services/log/port.ts';
import { grant, problemOf } from './api.ts';
import { type KeyName, type LettersStage, logs, openLettersStage, stagedOn } from './letters-stage.ts';

const path = '/v1/dead-letters';
const hourMs = 3_600_000;
const at = new Date(Date.now() - hourMs).toISOString();

function login(sessionId: string, clientId = 'ann', changes: object = {}) {
  return {
    eventId: `e-${sessionId}`,
    firmId: 'firm',
    clientId,
    occurredAt: at,
    sessionId,
    outcome: 'success',
    ...changes,
  };
}

describe.each(logs)('on the %s log', (name) => {
  const given = stagedOn(name);

  const list = async (stage: LettersStage, query = '', key: KeyName = 'everything') =>
    JSON.parse((await stage.ask('GET', `${path}${query}`, undefined, key)).text);
  const redrive = async (stage: LettersStage, body: object = {}, key: KeyName = 'everything') =>
    JSON.parse((await stage.ask('POST', `${path}/redrive`, body, key)).text);
  const show = (stage: LettersStage, position: string, query = '', key: KeyName = 'everything') =>
    stage.ask('GET', `${path}/${encodeURIComponent(position)}${query}`, undefined, key);
  const card = async (stage: LettersStage) =>
    CardWire.parse(JSON.parse((await stage.ask('GET', '/v1/firms/firm/clients/ann')).text));

  given('what could not be used is listed with its reason, and shows no personal value', async (stage) => {
    await stage.append('login', login('s1', 'ann', { outcome: 'perhaps', ip: '203.0.113.9', note: 'Ann Smith' }));
    await stage.append('email', 'Ann Smith, 42, left a note', 'ann@example.org');
    await stage.fold();
    const { items, total, counts, older } = await list(stage);
    expect([total, older]).toEqual([2, 0]);
    expect(counts).toEqual(
      expect.arrayContaining([
        { topic: 'login', reason: 'wrong_shape', count: 1 },
        { topic: 'email', reason: 'not_json', count: 1 },
      ]),
    );
    const byTopic = (topic: string) => items.find((item: { topic: string }) => item.topic === topic);
    expect(byTopic('login')).toMatchObject({
      ...{ firmId: 'firm', clientId: 'ann', key: 'firm/ann', redriven: null, truncated: false },
      detail: 'outcome: must be "success" or "failure"',
      sample: expect.stringContaining('"outcome":"perhaps"'),
    });
    expect(byTopic('email')).toMatchObject({
      ...{ firmId: null, clientId: null, key: 'xxx@xxxxxxx.xxx', sample: 'Xxx Xxxxx, 00, xxxx x xxxx'.toLowerCase() },
    });
    expect(JSON.stringify(items)).not.toMatch(/Smith|203\.0|example\.org/);
  });

  given('filters narrow, and combine', async (stage) => {
    await stage.putAway(1, login('s1'));
    await stage.putAway(2, login('s2', 'ben'), 'firm/ben');
    await stage.putAway(3, login('s3'), 'other/ann', 'unknown_version');
    await stage.putAway(4, 'nonsense', null);
    const offsets = async (query: string) =>
      (await list(stage, query)).items
        .map(({ position }: { position: string }) => Number(position.split('/')[2]))
        .sort();
    expect(await offsets('?firm=firm')).toEqual([1, 2]);
    expect(await offsets('?client=ann')).toEqual([1, 3]);
    expect(await offsets('?client=ann&firm=other')).toEqual([3]);
    expect(await offsets('?reason=unknown_version,not_json')).toEqual([3]);
    expect(await offsets('?topic=email')).toEqual([]);
    expect(await offsets('?position=login%40earlier/0/4')).toEqual([4]);
    expect(await offsets('?until=2026-01-01T00:00:00Z')).toEqual([]);
    expect(await offsets('?since=2026-01-01T00:00:00Z')).toEqual([1, 2, 3, 4]);
    expect((await list(stage, '?limit=1')).items).toHaveLength(1);
  });

  given('a dry run says what each would become now, and sends nothing', async (stage) => {
    await stage.putAway(1, login('s1'));
    await stage.putAway(2, login('s2', 'ann', { outcome: 'perhaps' }));
    await stage.putAway(3, `{"note":"${'x'.repeat(300 * 1024)}"}`);
    const { items, sent, dryRun } = await redrive(stage, { dryRun: true });
    expect([sent, dryRun]).toEqual([1, true]);
    const outcomes = items.map(
      ({ position, now, sent: would }: { position: string; now: { becomes: string }; sent: boolean }) => [
        Number(position.split('/')[2]),
        now.becomes,
        would,
      ],
    );
    expect(outcomes.sort()).toEqual([
      [1, 'event', true],
      [2, 'dead_letter', false],
      [3, 'never', false],
    ]);
    expect(await stage.messages('login')).toEqual([]);
    expect((await list(stage)).total).toBe(3);
  });

  given(
    'what is usable goes back with its very bytes and its key, says where it came from, and is marked',
    async (stage) => {
      const text = JSON.stringify(login('s1'), null, 1);
      const position = await stage.putAway(1, text);
      await stage.putAway(2, 'nonsense');
      expect(await redrive(stage)).toMatchObject({ matched: 2, sent: 1, left: 0 });
      const [message, ...more] = await stage.messages('login');
      expect(more).toEqual([]);
      expect(Buffer.from(message?.value ?? []).toString()).toBe(text);
      expect(Buffer.from(message?.key ?? []).toString()).toBe('firm/ann');
      expect(message?.headers).toEqual({ 'signalfold-redriven-from': position });
      expect((await list(stage)).total).toBe(1);
      const { items } = await list(stage, '?state=redriven');
      expect(items).toEqual([
        expect.objectContaining({ position, redriven: { at: expect.any(String), by: 'key:everything' } }),
      ]);
    },
  );

  given('however often it is redriven, it counts once', async (stage) => {
    await stage.append('portal-access', grant(Date.now() - hourMs));
    await stage.append('login', login('s0'));
    await stage.putAway(1, login('s0'));
    await stage.putAway(2, login('s1'));
    await redrive(stage);
    await stage.fold();
    await redrive(stage, { filter: { state: 'all' } });
    await redrive(stage, { filter: { state: 'all' } });
    await stage.fold();
    expect(await stage.messages('login')).toHaveLength(7);
    expect((await card(stage)).logins?.d30).toBe(2);
  });

  given('headers of the original are kept and go back with it', async (stage) => {
    await stage.append('login', 'nonsense', null, { traceparent: '00-ab', 'ce-type': 'login' });
    await stage.fold();
    await redrive(stage, { force: true });
    const sent = (await stage.messages('login')).map(({ headers }) => headers);
    expect(sent).toContainEqual({
      traceparent: '00-ab',
      'ce-type': 'login',
      'signalfold-redriven-from': expect.stringMatching(/^login@.+\/[01]\/0$/),
    });
  });

  given('what is forced and refused again is another letter, which names the one it was', async (stage) => {
    const position = await stage.putAway(1, 'nonsense');
    expect(await redrive(stage, { force: true })).toMatchObject({ sent: 1 });
    await stage.fold();
    const { items } = await list(stage, '?state=all');
    expect(items).toHaveLength(2);
    expect(items.find((one: { position: string }) => one.position !== position)).toMatchObject({
      redrivenFrom: position,
    });
  });

  given('what is not kept whole never goes back, not even forced', async (stage) => {
    await stage.append('login', JSON.stringify(login('s1', 'ann', { note: 'x'.repeat(300 * 1024) })));
    await stage.fold();
    const { items, sent } = await redrive(stage, { force: true });
    expect(sent).toBe(0);
    expect(items).toEqual([expect.objectContaining({ sent: false, why: expect.stringContaining('producer') })]);
    expect(items[0].now.becomes).toBe('never');
  });

  given('what is Avro is sent only when forced, because its schemas are not asked for here', async (stage) => {
    await stage.putAway(1, new Uint8Array([0, 0, 0, 0, 9, 1]), 'firm/ann', 'unknown_schema');
    expect(await redrive(stage)).toMatchObject({ sent: 0, items: [{ now: { becomes: 'unknown' } }] });
    expect(await redrive(stage, { force: true })).toMatchObject({ sent: 1 });
    expect((await stage.messages('login')).map(({ value }) => [...(value ?? [])])).toEqual([[0, 0, 0, 0, 9, 1]]);
  });

  given('a replay writes the letter again, and it still counts as redriven', async (stage) => {
    await stage.append('login', 'nonsense');
    await stage.fold();
    await redrive(stage, { force: true });
    await stage.fold('again');
    const { items } = await list(stage, '?state=redriven');
    expect(items).toHaveLength(1);
  });

  given('the oldest go first, and what is left is told', async (stage) => {
    await stage.putAway(1, login('s1'));
    await systemPause();
    await stage.putAway(2, login('s2'));
    const { items, left } = await redrive(stage, { limit: 1 });
    expect([items[0].position, left]).toEqual(['login@earlier/0/1', 1]);
  });

  given(
    'the value is shown masked; in full to whoever may read clients, and that stands in the audit log',
    async (stage) => {
      const position = await stage.putAway(1, login('s1', 'ann', { userAgent: 'Ann Smith’s phone' }));
      const masked = JSON.parse((await show(stage, position, '', 'operate')).text);
      expect(masked.now.becomes).toBe('event');
      expect(JSON.parse(masked.content.text)).toMatchObject({ sessionId: 's1', userAgent: '‹text, 17 characters›' });
      expect(problemOf(await show(stage, position, '?full=true', 'operate'))).toEqual([403, 'forbidden']);
      const full = JSON.parse((await show(stage, position, '?full=true')).text);
      expect(full.content).toEqual({
        masked: false,
        encoding: 'utf8',
        text: expect.stringContaining('Ann Smith’s phone'),
      });
      const lines = await stage.audited();
      expect(lines.filter(({ audit }) => audit === 'dead-letters.read-full')).toEqual([
        expect.objectContaining({ principal: 'key:operate', status: 403, letter: position }),
        expect.objectContaining({ principal: 'key:everything', status: 200, letter: position }),
      ]);
    },
  );

  given('a key of one firm sees and sends that firm’s alone', async (stage) => {
    const ours = await stage.putAway(1, login('s1'));
    const theirs = await stage.putAway(2, login('s2'), 'other/zoe');
    const nobodys = await stage.putAway(3, 'nonsense', null);
    const { items } = await list(stage, '', 'operate-firm');
    expect(items.map(({ position }: { position: string }) => position)).toEqual([ours]);
    for (const position of [theirs, nobodys, 'login@nowhere/0/0']) {
      expect(problemOf(await show(stage, position, '', 'read-operate-firm'))).toEqual([404, 'dead_letter_unknown']);
    }
    expect(await redrive(stage, { filter: { firm: 'other' } }, 'operate-firm')).toMatchObject({
      matched: 0,
      sent: 0,
    });
    expect(await stage.messages('login')).toEqual([]);
  });

  given('an event that erases a client needs the scope erase as well', async (stage) => {
    const erasure = { firmId: 'firm', clientId: 'ann', version: 1, erased: true, at };
    await stage.append('client', { ...erasure, version: 'one' });
    await stage.fold();
    const letter = (await stage.messages(deadLetterTopic))[0];
    if (letter === undefined) throw new Error('there is no letter');
    const { key, headers } = letter;
    const value = Buffer.from(JSON.stringify(erasure));
    await stage.log.append(deadLetterTopic, [{ key: Buffer.from(key ?? []).toString(), value, headers }]);
    const refused = await redrive(stage, {}, 'operate');
    expect([refused.sent, refused.items[0].why]).toEqual([0, expect.stringContaining('"erase"')]);
    expect((await redrive(stage)).sent).toBe(1);
  });

  given('an erased client’s letters and their marks go', async (stage) => {
    await stage.putAway(1, login('s1'));
    await redrive(stage);
    const projector = stage.project();
    expect((await stage.ask('DELETE', '/v1/firms/firm/clients/ann')).status).toBe(200);
    await projector.stop();
    expect((await list(stage, '?state=all')).total).toBe(0);
    const newest = new Map((await stage.messages(deadLetterTopic)).map(({ key, value }) => [String(key), value]));
    expect([...newest.values()].every((value) => value === null)).toBe(true);
  });

  test('given a redrive that ends half-way, repeating it counts each event once', async () => {
    let failures = 1;
    const faulty = (log: EventLog): EventLog => ({
      ...log,
      append: (topic, messages) => {
        failures -= topic === deadLetterTopic ? 1 : 0;
        return failures === 0 && topic === deadLetterTopic
          ? Promise.reject(new Error('the broker went away'))
          : log.append(topic, messages);
      },
    });
    const stage = await openLettersStage(name, faulty);
    if (stage === null) return;
    try {
      await stage.append('portal-access', grant(Date.now() - hourMs));
      await stage.putAway(1, login('s1'));
      const broken = await stage.ask('POST', `${path}/redrive`, {});
      expect(problemOf(broken)).toEqual([503, 'unavailable']);
      expect((await list(stage)).total).toBe(1);
      expect(await redrive(stage)).toMatchObject({ sent: 1 });
      await stage.fold();
      expect(await stage.messages('login')).toHaveLength(2);
      expect((await card(stage)).logins?.d30).toBe(1);
    } finally {
      await stage.close();
    }
  }, 60_000);
});

/** Letters put away in one millisecond have no order in time. */
function systemPause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
