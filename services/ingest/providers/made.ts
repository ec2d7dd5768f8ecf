// What drafts are made of: ids that canonical events take, addresses and IPs. What is odd is warned of, not refused.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { Address } from '../../core/events/parts.ts';
import { EventId } from '../../core/ids.ts';
import { textOf } from './look.ts';
import type { Draft, Mapped, Subject } from './provider.ts';

/**
 * A provider's id as a canonical one: as it stands where it can, else its hash, because providers write ids with `/`, `#`
 * and at any length. The same id always gives the same.
 */
export function idOf(text: string): string {
  return EventId.safeParse(text).success ? text : hashId(text);
}

/** One id for a thing that its provider names only by several fields together: 128 bits of their hash. */
export function hashId(...parts: readonly (string | number | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** An IP address; what cannot be one is left out, with a warning that names the field. Samples of vendors hold such. */
export function ipOf(field: string, value: unknown, warnings: string[]): string | null {
  const text = textOf(value);
  if (text === null) return null;
  if (isIP(text) !== 0) return text;
  warnings.push(`${field}: is no IP address, left out`);
  return null;
}

/** An email address, also out of `Name <address>`; null for what is none. */
export function addressOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === null) return null;
  const open = text.lastIndexOf('<');
  const bare = open !== -1 && text.endsWith('>') ? text.slice(open + 1, -1) : text;
  const address = Address.safeParse(bare);
  return address.success && address.data.includes('@') ? address.data : null;
}

export function ignored(why: string): Mapped {
  return { kind: 'ignored', why };
}

/** `field` is the path within the payload; `wrong` says what is amiss, without the value. */
export function unusable(field: string, wrong: string): Mapped {
  return { kind: 'unusable', detail: `${field}: ${wrong}` };
}

export function event(draft: Draft, subject: Subject, why: string, warnings: readonly string[]): Mapped {
  return { kind: 'event', draft, subject, why, warnings };
}
