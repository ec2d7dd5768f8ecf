// What a firm can set. Settings apply on reading, never in the fold, so a change shows at once and for every past day.
import { z } from 'zod';
import { formatInstant, Instant } from './time.ts';

const days = z.int().min(1).max(3650);

const fields = {
  /** IANA zone in which local days are cut. */
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as "Europe/London"'),
  /** Green up to this age of the newest signal, amber up to that one; both inclusive, in days of 24 hours. */
  greenDays: days,
  amberDays: days,
  /** What "logged in recently" means, in local days. */
  recentDays: days,
  /** Signals before this instant are left out; null counts everything. */
  goLiveAt: Instant.nullable(),
  inviteEmailsCount: z.boolean(),
};

/** A change of settings, as PUT takes it: what is absent stays. A misspelt name is an error, not ignored. */
export const SettingsChange = z.strictObject(fields).partial();

export const Settings = z.object({
  timeZone: fields.timeZone.default('UTC'),
  greenDays: fields.greenDays.default(14),
  amberDays: fields.amberDays.default(42),
  recentDays: fields.recentDays.default(30),
  goLiveAt: fields.goLiveAt.default(null),
  inviteEmailsCount: fields.inviteEmailsCount.default(true),
});
export type Settings = z.infer<typeof Settings>;

/** Settings as the API gives them. */
export const SettingsWire = z
  .object({
    timeZone: z.string(),
    greenDays: z.int(),
    amberDays: z.int(),
    recentDays: z.int(),
    goLiveAt: z.string().nullable().meta({ format: 'date-time' }),
    inviteEmailsCount: z.boolean(),
  })
  .meta({ id: 'Settings' });
export type SettingsWire = z.infer<typeof SettingsWire>;

export const defaultSettings: Settings = Settings.parse({});

/** Reads stored settings, JSON text as settingsText wrote it; null means all defaults. */
export function readSettings(text: string | null): Settings {
  return text === null ? defaultSettings : Settings.parse(JSON.parse(text));
}

export function settingsText(settings: Settings): string {
  return JSON.stringify(settingsWire(settings));
}

export function settingsWire(settings: Settings): SettingsWire {
  return { ...settings, goLiveAt: settings.goLiveAt === null ? null : formatInstant(settings.goLiveAt) };
}

/** Merges a change; answers what is wrong with the result instead when it cannot be. */
export function changeSettings(
  settings: Settings,
  change: z.infer<typeof SettingsChange>,
): { readonly settings: Settings } | { readonly mistake: string } {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const merged: Settings = { ...settings, ...given };
  if (merged.greenDays > merged.amberDays) {
    return { mistake: `greenDays (${merged.greenDays}) must not exceed amberDays (${merged.amberDays})` };
  }
  return { settings: merged };
}

/** Names only: Intl also takes offsets such as "+05:30", which know no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
