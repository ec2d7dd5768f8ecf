// Who calls: what a caller may do, of which firm, and whose clients alone it may see.
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** What a caller may be allowed to do; each route under /v1 asks for one. */
export const scopes = ['read', 'export', 'ingest', 'settings', 'erase', 'operate'] as const;
export type Scope = (typeof scopes)[number];

/** From the widest rights to the narrowest. */
export const roles = ['owner', 'manager', 'adviser'] as const;
export type Role = (typeof roles)[number];

export type Principal = {
  /** Names the caller where it matters who asked: in the audit log, in rate limits, in cursors. */
  readonly id: string;
  /** As its token says; null for keys, which have scopes alone, and for the open loopback. */
  readonly role: Role | null;
  readonly scopes: ReadonlySet<Scope>;
  /** The one firm it may ask about; null: any. */
  readonly firmId: string | null;
  /** The id of the adviser whose clients alone it may see; null: everybody's. */
  readonly book: string | null;
  /** Epoch ms after which it is let in no longer; an answer that goes on for longer ends then. Null: no such time. */
  readonly until: number | null;
  /** Only of a view token, which opens what heeds it and nothing else. */
  readonly view?: {
    /** Names the token in the audit log. */
    readonly id: string;
    /** Whether it may ask about that client. */
    sees(clientId: string): boolean;
  };
};

/** Whoever reads a firm's clients: `book` narrows every answer before anything is counted. */
export type Reader = Pick<Principal, 'id' | 'book' | 'view'>;

/** The caller of an open loopback. */
export const everybody: Principal = {
  id: 'everybody',
  role: null,
  scopes: new Set(scopes),
  firmId: null,
  book: null,
  until: null,
};

/** Whoever has not said who it is, where that was asked for. */
export const stranger: Principal = { ...everybody, id: 'stranger', scopes: new Set() };

/** What is left to whoever has a book: the rest concerns the whole firm. */
export const bookScopes: readonly Scope[] = ['read', 'export'];

/** The caller as a reader of the firm. Throws the problem firm_unknown when it is not the caller's. */
export function readerOf({ principal }: FastifyRequest, firmId: string): Reader {
  if (principal.firmId !== null && principal.firmId !== firmId) {
    throw new Problem('firm_unknown', 'There is no such firm.');
  }
  return principal;
}
