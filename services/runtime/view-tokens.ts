// View tokens: what a web page reads tiles with. They live for minutes, can read and nothing else, and are for one firm, and as
// far as is wanted for one adviser's book or for single clients. Sealed, so that whoever looks into a page learns nothing.
import { hash, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';
import { badToken } from './tokens.ts';

/** Keys are a firm's own, and change; each has a name. */
export type ViewTokenKey = { readonly id: string; readonly bytes: Uint8Array };
export type ViewTokenKeys = {
  /** What new tokens are sealed with. */
  newest(firmId: string): Promise<ViewTokenKey>;
  /** Null when there is no such key, or it is no longer kept. */
  find(firmId: string, id: string): Promise<ViewTokenKey | null>;
};

/** What a token opens, at most what its maker may read. */
export type View = {
  readonly firmId: string;
  /** The adviser whose clients alone are seen; null: everybody's. */
  readonly book: string | null;
  /** These clients alone; null: any. */
  readonly clientIds: readonly string[] | null;
  readonly minutes: number;
};

export type ViewToken = { readonly id: string; readonly token: string /** Epoch ms. */; readonly expiresAt: number };

export type ViewTokens = {
  make(maker: Pick<Principal, 'id' | 'until'>, view: View): Promise<ViewToken>;
  /** Who calls with it. Throws the problems unauthenticated and unavailable. */
  check(token: string): Promise<Principal>;
};

/** In front of each, so that a token found somewhere is known for what it is. */
const prefix = 'sfview_';
const sealedWith = { alg: 'dir', enc: 'A256GCM' } as const;
/** A client's mark in a token: so many characters of base64url, whatever its id's length; a header has room for 200. */
const markCharacters = 16;
/** As many clients as may change in a moment. */
const marksKeptMax = 20_000;
const minuteMs = 60_000;

const Claims = z.object({
  jti: z.string(),
  sub: z.string(),
  exp: z.number(),
  book: z.string().nullable(),
  marks: z.string().nullable(),
});

export function isViewToken(presented: string): boolean {
  return presented.startsWith(prefix);
}

export function openViewTokens(keys: ViewTokenKeys, clock: Clock): ViewTokens {
  const markOf = marker();
  return {
    make: async (maker, { firmId, book, clientIds, minutes }) => {
      const key = await keys.newest(firmId);
      const id = randomUUID();
      const ends = Math.min(clock.now() + minutes * minuteMs, maker.until ?? Number.POSITIVE_INFINITY);
      // Tokens count whole seconds.
      const exp = Math.floor(ends / 1000);
      const marks = clientIds?.map((clientId) => markOf(key, clientId)).join('') ?? null;
      const sealed = await new EncryptJWT({ jti: id, sub: maker.id, exp, book, marks })
        .setProtectedHeader({ ...sealedWith, kid: `${key.id}/${firmId}` })
        .encrypt(key.bytes);
      return { id, token: prefix + sealed, expiresAt: exp * 1000 };
    },
    check: async (token) => {
      const sealed = token.slice(prefix.length);
      const [keyId = '', firmId = ''] = keyNameOf(sealed).split('/');
      const key = await keys.find(firmId, keyId).catch(refuseForNow);
      if (key === null) throw badToken('This view token is sealed with a key that is not known here.');
      const { jti, sub, exp, book, marks } = await openToken(sealed, key, clock.now());
      const known = marks === null ? null : new Set(marks.match(new RegExp(`.{${markCharacters}}`, 'g')));
      return {
        id: sub,
        role: null,
        scopes: new Set(['read'] as const),
        firmId,
        book,
        until: exp * 1000,
        view: { id: jti, sees: (clientId) => known?.has(markOf(key, clientId)) ?? true },
      };
    },
  };
}

/**
 * Marks are keyed, so that they say nothing beyond their firm and day. Each client that changes is looked for in the tokens of
 * all who listen, one after the other: the marks made last are kept, and are made in one call, which an HMAC takes twenty for.
 */
function marker(): (key: ViewTokenKey, clientId: string) => string {
  const kept = new Map<string, string>();
  let lastKey: ViewTokenKey | null = null;
  return (key, clientId) => {
    if (key !== lastKey || kept.size >= marksKeptMax) kept.clear();
    lastKey = key;
    const known = kept.get(clientId);
    if (known !== undefined) return known;
    const whole = hash('sha256', Buffer.concat([key.bytes, Buffer.from(clientId)]), 'base64url');
    // Cut, so that nobody goes on where it ends.
    const mark = whole.slice(0, markCharacters);
    kept.set(clientId, mark);
    return mark;
  };
}

function keyNameOf(sealed: string): string {
  try {
    // Anybody can write a header, with a number in the name's place.
    return z.object({ kid: z.string() }).parse(decodeProtectedHeader(sealed)).kid;
  } catch {
    throw badToken('The view token cannot be read.');
  }
}

async function openToken(sealed: string, { bytes }: ViewTokenKey, now: number): Promise<z.infer<typeof Claims>> {
  try {
    const { payload } = await jwtDecrypt(sealed, bytes, {
      keyManagementAlgorithms: [sealedWith.alg],
      contentEncryptionAlgorithms: [sealedWith.enc],
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    });
    return Claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw badToken('The view token has expired. Ask for a new one.');
    throw badToken('The view token was not made here, or was changed.');
  }
}

function refuseForNow(cause: unknown): never {
  throw new Problem('unavailable', 'The keys of view tokens cannot be had. Try again in a moment.', { cause });
}
