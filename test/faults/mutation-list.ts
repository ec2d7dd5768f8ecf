// Each thing that keeps views right, and how it is taken away; the trial is mutations.ts, and mutations.test.ts holds the
// list to the sources.
export type Edit = {
  readonly file: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly replace: string;
};

export type Mutation = {
  /** The safeguard that goes. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What is meant to notice: a test file, or simulations. */
  readonly proof: string;
};

export const simulations = 'simulations';

const without = (name: string, proof: string, file: string, find: string, replace = ''): Mutation => ({
  name,
  proof,
  edits: [{ file, find, replace }],
});

const save = 'services/projector/save.ts';
const logins = 'services/core/views/signals/logins.ts';
const powerCut = 'test/faults/power-cut.test.ts';

export const mutations: readonly Mutation[] = [
  without(
    'the version check of the embedded store',
    'test/contract/store-embedded.test.ts',
    'services/store/embedded.ts',
    '(stored === undefined ? 0 : versionOf(stored)) !== write.expected',
    'stored === undefined && write.expected < 0',
  ),
  without(
    'the version check of DynamoDB, one view at a time',
    'test/contract/store-dynamodb.test.ts',
    'services/store/dynamodb-documents.ts',
    "ConditionExpression: 'v = :v'",
    "ConditionExpression: 'v >= :v'",
  ),
  without(
    'the version check of DynamoDB, in batches',
    'test/contract/store-dynamodb.test.ts',
    'services/store/dynamodb-statement.ts',
    'AND "v"=?`',
    'AND "v">=?`',
  ),
  without('what a conflict answers, folded again', simulations, save, '      again.push(work);\n'),
  without(
    'the checkpoint',
    'test/projector/faults.test.ts',
    'services/core/checkpoint.ts',
    'return folded !== undefined && offset <= folded;',
    'return folded !== undefined && offset < 0;',
  ),
  without(
    'the incarnation in a checkpoint',
    simulations,
    'services/core/checkpoint.ts',
    'entry?.topicTag === topicTag && entry.incarnationTag === incarnationTag',
    'entry?.topicTag === topicTag && incarnationTag >= 0',
  ),
  without(
    'the incarnation in a commit',
    'test/contract/log-embedded.test.ts',
    'services/log/embedded-storage.ts',
    '          if (topics.get(topic)?.incarnation !== incarnation) continue;\n',
  ),
  without(
    'the dedupe of sessions',
    simulations,
    logins,
    '  if (known >= 0) {\n    merge(logins.ledger, known, at, device);',
    '  if (known >= 1_000) {\n    merge(logins.ledger, known, at, device);',
  ),
  without(
    'the retraction of a login that an impersonation follows',
    simulations,
    logins,
    '    logins.ledger.splice(known, 1);\n',
  ),
  without(
    'late events counted',
    'test/core/signals-late.test.ts',
    logins,
    '  if (isPastRecall(logins, quarter)) {\n    view.late += 1;\n',
    '  if (isPastRecall(logins, quarter)) {\n',
  ),
  without(
    'impersonations first',
    'test/projector/catch-up.test.ts',
    'services/projector/catch-up.ts',
    '    reader.pause(others);\n    logger.info',
    '    logger.info',
  ),
  without('views before the commit', simulations, 'services/projector/projector.ts', '      await saved;\n'),
  without(
    'dead letters before the commit',
    simulations,
    'services/projector/flush.ts',
    '  await putAway(room, batch.refused);\n',
    '  void putAway(room, batch.refused).catch(() => undefined);\n',
  ),
  without(
    'notices after the save',
    simulations,
    save,
    '    changed.push({ client: work.client, view, version: outcome.version });\n',
  ),
  without(
    'notices again for what was saved before a crash',
    simulations,
    save,
    '    if (before !== null) changed.push(',
    '    if (before === null) changed.push(',
  ),
  without(
    'a lost message told',
    'test/projector/faults.test.ts',
    'services/projector/projector.ts',
    '      tellLosses(room, polled.losses);\n',
  ),
  without(
    'appended before 202',
    'test/ingest/routes.test.ts',
    'services/ingest/routes.ts',
    '      await parts.log.append(topic, messages);',
    '      void parts.log.append(topic, messages).catch(() => undefined);',
  ),
  without(
    'flushed before 202: the log waits for the disk',
    powerCut,
    'services/log/embedded-storage.ts',
    'overlappingSync: false',
    'noSync: true',
  ),
  without(
    'flushed before the commit: the store waits for the disk',
    powerCut,
    'services/store/embedded.ts',
    'overlappingSync: false',
    'noSync: true',
  ),
  without(
    'pages on the disk before what points at them',
    powerCut,
    'services/store/embedded.ts',
    'overlappingSync: false',
    'overlappingSync: true',
  ),
  without(
    'the marker of an erasure among the signals',
    simulations,
    'services/core/views/signals/view.ts',
    '  if (at < view.erasedAt) return;\n',
  ),
  without(
    'the marker of an erasure in the profile',
    simulations,
    'services/core/views/profile/view.ts',
    '  if (state.erased !== null && isErased(profile, state.erased)) return;\n',
  ),
  without(
    'exports taken away by an erasure',
    simulations,
    'services/query/erase.ts',
    '  const exports = await eraseExports(parts, client);\n',
    '  const exports: string[] = [];\n',
  ),
  without(
    'the lease of an export',
    'test/export/jobs.test.ts',
    'services/export/worker.ts',
    'job.lease.until < now',
    'job.lease.until > now',
  ),
  without(
    'an export saved on the version it had',
    simulations,
    'services/export/run-job.ts',
    'await saveJob(room.store, renewed, renewed.job);',
    'renewed as typeof renewed | null;',
  ),
  without(
    'notices that come while a roster is loaded',
    simulations,
    'services/query/roster/roster.ts',
    '      if (waiting !== null) return want(waiting, notices);\n',
    '      if (waiting !== null) return;\n',
  ),
  without(
    'rosters loaded anew after missed notices',
    simulations,
    'services/query/roster/follower.ts',
    '      parts.onGap();\n',
  ),
  without(
    'a list that waits for what was told',
    simulations,
    'services/query/roster/rosters.ts',
    '        if (!hasCaughtUp(end)) {',
    '        if (hasCaughtUp(end)) {',
  ),
  without(
    'a cursor bound to its reader',
    'test/query/books.test.ts',
    'services/query/list-cursor.ts',
    'JSON.stringify([firmId, reader.id, reader.book,',
    'JSON.stringify([firmId,',
  ),
  without(
    "an adviser's book before anything is counted",
    'test/query/books.test.ts',
    'services/query/roster/answer/tally.ts',
    'const books = book === null ? null : numbersOf(advisers, [book]);',
    "const books = book === '' ? numbersOf(advisers, [book]) : null;",
  ),
];
