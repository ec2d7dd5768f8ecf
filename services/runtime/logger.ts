// The log of the program itself: JSON lines on stderr, readable lines where a person watches.
import { type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

const stderr = 2;

/** Writes at once, so that the last words before an exit are not lost. Standard output stays free for results. */
export function createLogger(level: Config['logLevel']): Logger {
  const options = { level, base: null };
  if (process.stderr.isTTY) return pino(options, PinoPretty({ destination: stderr, sync: true }));
  return pino(options, pino.destination({ dest: stderr, sync: true }));
}
