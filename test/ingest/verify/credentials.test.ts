// User and password, and fixed headers.
import { basic, staticHeader } from '../../../services/ingest/verify/credentials.ts';
import { acceptedFlips, body, neverAccepts, outcome, refusal, signed } from './deliveries.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const authorization = (value: string) => signed({ body, headers: { authorization: value } });

describe('user and password', () => {
  const verify = basic({
    users: [
      { user: 'postmark', password: 'the old: one' },
      { user: 'postmark', password: 'pässword' },
    ],
  });

  test.each([
    ['any of them', `Basic ${base64('postmark:the old: one')}`],
    ['letters beyond ASCII', `Basic ${base64('postmark:pässword')}`],
    ['the scheme in small letters', `basic ${base64('postmark:pässword')}`],
  ])('accepts %s', async (_what, value) => {
    expect(await outcome(verify, authorization(value))).toBe('ok');
  });

  test.each([
    ['another password', `Basic ${base64('postmark:pässwor')}`, 'secret'],
    ['another user', `Basic ${base64('mailgun:pässword')}`, 'secret'],
    ['no colon', `Basic ${base64('postmark')}`, 'header'],
    ['another scheme', 'Bearer abc', 'header'],
    ['what is not base64', 'Basic ~', 'header'],
  ])('refuses %s', async (_what, value, wrong) => {
    expect(await outcome(verify, authorization(value))).toBe(wrong);
  });

  test('refuses a request without any', async () => {
    expect(await outcome(verify, signed({ body, headers: {} }))).toBe('header');
  });

  test('refuses anything a stranger sends', async () => {
    await neverAccepts(verify, ['authorization']);
  });
});

describe('a fixed header', () => {
  const verify = staticHeader({ header: 'Authorization', values: ['Bearer one', 'Bearer two'] });

  test.each(['Bearer one', 'Bearer two'])('accepts %s', async (value) => {
    expect(await outcome(verify, authorization(value))).toBe('ok');
  });

  test.each(['Bearer three', 'Bearer', 'bearer one', 'one'])('refuses %s', async (value) => {
    expect(await outcome(verify, authorization(value))).toBe('secret');
  });

  test('refuses any single bit of the header that differs', async () => {
    expect(
      await acceptedFlips(verify, { ...authorization('Bearer one'), bytes: Buffer.of() }, ['authorization']),
    ).toEqual([]);
  });

  test('says nothing of the value in a refusal', async () => {
    expect((await refusal(verify, authorization('Bearer 4711'))).detail).not.toContain('4711');
  });
});

test.each([
  () => basic({ users: [] }),
  () => staticHeader({ header: 'X', values: [] }),
  () => basic({ users: [{ user: 'a:b', password: 'c' }] }),
])('what could never be sent is refused at start: %#', (make) => {
  expect(make).toThrow(RangeError);
});
