import { tmpdir } from 'node:os';
import { untilCommitted } from '../../services/runtime/disk.ts';

const noSpace = 28;
const badTransaction = -30_782;
const panic = -30_795;

/** As lmdb rejects: with an error that promises the reason. */
function failedCommit(message: string, code: number): Error {
  const reason = Promise.reject(Object.assign(new Error(message), { code }));
  reason.catch(() => undefined);
  return Object.assign(new Error('Commit failed (see commitError for details)'), { commitError: reason });
}

test('given a commit that a full disk did not take, then the fault says what to do, and may pass', async () => {
  const write = jest.fn(() => Promise.reject(failedCommit('No space left on device', noSpace)));
  await expect(untilCommitted(tmpdir(), write)).rejects.toMatchObject({
    code: 'data_folder_unwritable',
    retryable: true,
    message: expect.stringMatching(/No space left on device; \d+ MiB are free\). Make room there/),
  });
  expect(write).toHaveBeenCalledTimes(1);
});

test('given a commit that lmdb fails for no reason, then it is tried again at once', async () => {
  let failures = 2;
  const write = async () => {
    failures -= 1;
    if (failures >= 0) throw failedCommit('MDB_BAD_TXN: Transaction must abort', badTransaction);
    return 'saved';
  };
  expect(await untilCommitted(tmpdir(), write)).toBe('saved');
});

test('given a commit that fails again and again, then the fault says so, and may pass', async () => {
  const write = jest.fn(() => Promise.reject(failedCommit('MDB_BAD_TXN: Transaction must abort', badTransaction)));
  await expect(untilCommitted(tmpdir(), write)).rejects.toMatchObject({
    code: 'data_folder_unwritable',
    retryable: true,
    message: expect.stringContaining('MDB_BAD_TXN'),
  });
  expect(write).toHaveBeenCalledTimes(3);
});

test('given an environment that only opening anew can mend, or a mistake of our own, then it fails as it did', async () => {
  const ended = failedCommit('MDB_PANIC', panic);
  await expect(untilCommitted(tmpdir(), () => Promise.reject(ended))).rejects.toBe(ended);
  const mistake = new RangeError('ours');
  await expect(untilCommitted(tmpdir(), () => Promise.reject(mistake))).rejects.toBe(mistake);
});

test('given a write that is committed, then its result', async () => {
  expect(await untilCommitted(tmpdir(), async () => 7)).toBe(7);
});
