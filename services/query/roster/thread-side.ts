// The other side of thread.ts: answers questions that come as messages.
import type { MessagePort } from 'node:worker_threads';
import type { Logger } from '../../runtime/logger.ts';
import { problemOf } from '../../runtime/problem.ts';
import type { Rosters } from './rosters.ts';
import type { ThreadMessage, ThreadQuestion } from './thread.ts';

/** Answers until it is told to end; resolves when that is so and all questions before it are answered. */
export function serveThread(port: MessagePort, rosters: Rosters, logger: Logger): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const tell = (message: ThreadMessage, handedOver: ArrayBuffer[] = []) => port.postMessage(message, handedOver);

  const answer = async ({ id, firm, ask }: Exclude<ThreadQuestion, null>): Promise<void> => {
    try {
      const answer = await rosters.page(firm, ask);
      tell({ kind: 'page', id, answer }, [answer.page.json.buffer]);
    } catch (error) {
      const problem = problemOf(error);
      // What lies behind it does not cross over.
      if (problem.cause !== undefined)
        logger.error({ err: problem.cause, firmId: firm.firmId }, 'a list cannot be answered');
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
