// The other side of thread.ts: answers questions that come as messages.
import type { MessagePort } from 'node:worker_threads';
import type { Logger } from '../../runtime/logger.ts';
import { problemOf } from '../../runtime/problem.ts';
import type { Rosters } from './rosters.ts';
import type { ThreadMessage, ThreadQuestion } from './thread.ts';

/** Answers until it is told to end; resolves when that is so and all questions before it are answered. */
export function serveThread(port: MessagePort, rosters: Rosters, logger: Logger): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const tell = (message: ThreadMessage) => port.postMessage(message);

  const answer = async ({ id, firmId, ask }: Exclude<ThreadQuestion, null>): Promise<void> => {
    try {
      tell({ kind: 'answer', id, answer: await rosters.query(firmId, ask) });
    } catch (error) {
      const problem = problemOf(error);
      // What lies behind it does not cross over.
      if (problem.cause !== undefined) logger.error({ err: problem.cause, firmId }, 'a list cannot be answered');
      tell({ kind: 'problem', id, code: problem.code, detail: problem.message });
    }
  };

  return new Promise((resolve) => {
    port.on('message', (question: ThreadQuestion) => {
      if (question === null) {
        void Promise.all(underWay).then(() => resolve());
        return;
      }
      const mine = answer(question).finally(() => underWay.delete(mine));
      underWay.add(mine);
    });
  });
}
