// Questions as of a past day: which instant they are about.
import { instantAsOf } from '../core/derive/frame.ts';
import type { Settings } from '../core/settings.ts';
import { Problem } from '../runtime/problem.ts';

/** The end of a local day; of today, the present. Throws the problem bad_parameter for a day to come. */
export function instantOf(date: string, settings: Settings, now: number, parameter: string): number {
  const instant = instantAsOf(date, settings, now);
  if (instant === null) throw new Problem('bad_parameter', `In the query: ${parameter}: ${date} is still to come.`);
  return instant;
}

/** The instant of a scan as of a day; null for the present, of which a scan of some seconds ago will do. */
export function pastInstantOf(asOf: string | undefined, settings: Settings, now: number): number | null {
  if (asOf === undefined) return null;
  const instant = instantOf(asOf, settings, now, 'as_of');
  return instant < now ? instant : null;
}
