// What a firm can set. Settings apply on reading, never in the fold, so a change shows at once and for every past day.
import { z } from 'zod';
import { Instant } from './time.ts';

const days = z.int().min(1).max(3650);

export const Settings = z.object({
  /** IANA zone in which local days are cut. */
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as "Europe/London"').default('UTC'),
  greenDays: days.default(14),
  amberDays: days.default(42),
  /** What "logged in recently" means, in local days. */
  recentDays: days.default(30),
  /** Signals before this instant are left out; null counts everything. */
  goLiveAt: Instant.nullable().default(null),
  inviteEmailsCount: z.boolean().default(true),
});
export type Settings = z.infer<typeof Settings>;

export const defaultSettings: Settings = Settings.parse({});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
