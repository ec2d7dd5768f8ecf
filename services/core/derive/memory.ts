// How far back a client's signals are remembered: buckets follow the newest settled signal of their kind.
import type { Settings } from '../settings.ts';
import { startOfQuarter } from '../time.ts';
import { loginQuartersKept, mailQuartersKept } from '../views/signals/codec.ts';
import type { KindGlance, SignalsGlance } from '../views/signals/glance.ts';

/** The first instant (epoch ms) from which nothing that counts has been dropped; 0 when nothing can have been. */
export function rememberedFrom({ logins, emails, invites, outbound }: SignalsGlance, settings: Settings): number {
  const mails = settings.inviteEmailsCount ? [emails, invites, outbound] : [emails, outbound];
  return Math.max(loginsRememberedFrom(logins), ...mails.map((kind) => horizonOf(kind, mailQuartersKept)));
}

/** The same of logins alone. */
export function loginsRememberedFrom(logins: KindGlance): number {
  return horizonOf(logins, loginQuartersKept);
}

function horizonOf({ quarters, quarter }: KindGlance, kept: number): number {
  return quarters === 0 ? 0 : Math.max(0, startOfQuarter((quarter[0] ?? 0) - kept));
}
