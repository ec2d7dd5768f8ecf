import { tmpdir } from 'node:os';
import { untilOnDisk } from '../../services/runtime/disk.ts';

/** As lmdb rejects: with an error that promises the reason. */
function failedCommit(message: string, code: number): Error {
  const reason = Promise.reject(Object.assign(new Error(message), { code }));
  reason.catch(() => undefined);
  return Object.assign(new Error('Commit failed (see commitError for details)'), { commitError: reason });
}

test('given a commit that a full disk did not take, then the fault says what to do, and may pass', async () => {
  const written = untilOnDisk(tmpdir(), () => Promise.reject(failedCommit('No space left on device', 28)));
  await expect(written).rejects.toMatchObject({
    code: 'data_folder_unwritable',
    retryable: true,
    message: expect.stringMatching(/No space left on device; \d+ MiB are free\). Make room there/),
  });
});

test('given a write that failed for another reason, then it fails as it did', async () => {
  const mistake = new RangeError('not a disk’s fault');
  await expect(untilOnDisk(tmpdir(), () => Promise.reject(mistake))).rejects.toBe(mistake);
  const corrupt = failedCommit('MDB_BAD_TXN', -30782);
  await expect(untilOnDisk(tmpdir(), () => Promise.reject(corrupt))).rejects.toBe(corrupt);
});

test('given a write that the disk takes, then its result', async () => {
  expect(await untilOnDisk(tmpdir(), async () => 7)).toBe(7);
});
