// Rosters in a thread of their own, as the thread that answers HTTP sees them: questions go over as messages, so that no
// pass over a million rows stands in the way of a card.
import type { Worker } from 'node:worker_threads';
import type { Logger } from '../../runtime/logger.ts';
import { Problem, type ProblemCode } from '../../runtime/problem.ts';
import type { RosterAsk } from './roster.ts';
import type { RosterFirm, RosterPage, Rosters } from './rosters.ts';

/** To the thread; null ends it. */
export type ThreadQuestion = { readonly id: number; readonly firm: RosterFirm; readonly ask: RosterAsk } | null;

/** From the thread. */
export type ThreadMessage =
  | { readonly kind: 'page'; readonly id: number; readonly answer: RosterPage }
  | { readonly kind: 'problem'; readonly id: number; readonly code: ProblemCode; readonly detail: string }
  | { readonly kind: 'bytes'; readonly bytes: number };

export type RosterThreadParts = {
  /** Starts a thread that serves rosters. */
  readonly start: () => Worker;
  readonly logger: Logger;
  /** Hears how much memory the rosters hold, bytes. */
  readonly onBytes: (bytes: number) => void;
};

type Waiting = { readonly resolve: (answer: RosterPage) => void; readonly reject: (problem: Problem) => void };
type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting>; readonly ended: Promise<void> };

/** A thread that dies fails what it was asked as unavailable, and the next question starts another. */
export function openRosterThread({ start, logger, onBytes }: RosterThreadParts): Rosters {
  let thread: Thread | null = null;
  let isClosing = false;
  let asked = 0;

  const open = (): Thread => {
    const worker = start();
    const waiting = new Map<number, Waiting>();
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'bytes') return onBytes(message.bytes);
      const one = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'page') one?.resolve(message.answer);
      else one?.reject(new Problem(message.code, message.detail));
    });
    worker.on('error', (err) => logger.error({ err }, 'the thread of the lists failed; the next list starts another'));
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        if (thread?.worker === worker) thread = null;
        for (const { reject } of waiting.values()) reject(restarting());
        onBytes(0);
        resolve();
      });
    });
    return { worker, waiting, ended };
  };
  thread = open();

  return {
    page: (firm, ask) => {
      if (isClosing) return Promise.reject(restarting());
      thread ??= open();
      const { worker, waiting } = thread;
      asked += 1;
      const question: ThreadQuestion = { id: asked, firm, ask };
      return new Promise((resolve, reject) => {
        waiting.set(question.id, { resolve, reject });
        worker.postMessage(question);
      });
    },
    close: async () => {
      isClosing = true;
      const last = thread;
      if (last === null) return;
      const end: ThreadQuestion = null;
      last.worker.postMessage(end);
      await last.ended;
    },
  };
}

function restarting(): Problem {
  return new Problem('unavailable', 'The lists are being started. Try again in a moment.');
}
