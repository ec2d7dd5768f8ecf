// A glance at a stored profile: what lists and files show of it. Texts stay in UTF-8 until somebody wants them decoded,
// because a file takes them as they are.
import { type ByteReader, type StoredText, textOf } from '../../bytes.ts';
import type { ClientProfile } from './view.ts';
import { readHead } from './view.ts';

export class ProfileGlance implements Pick<ClientProfile, 'firstName' | 'lastName' | 'type' | 'status' | 'adviser'> {
  readonly status: ClientProfile['status'];
  /** As stored; null where there is none. */
  readonly stored: {
    readonly firstName: StoredText | null;
    readonly lastName: StoredText | null;
    readonly type: StoredText;
    readonly adviserId: StoredText | null;
    readonly adviserName: StoredText | null;
    /** The main one. */
    readonly email: StoredText | null;
  };
  /** What stands behind them, for the one that wants it; read once. */
  private readonly rest: { readonly source: ByteReader; readonly emails: number };
  private nextReview: string | null | undefined;

  /** Reads the fields in the order in which the view's encode writes them, and none behind the last that is needed. */
  constructor(source: ByteReader) {
    source.varint();
    const firstName = source.optionalStoredText();
    const lastName = source.optionalStoredText();
    const type = source.storedText();
    this.status = source.byte() === 1 ? 'active' : 'inactive';
    const adviserId = source.optionalStoredText();
    const adviserName = adviserId === null ? null : source.optionalStoredText();
    const emails = source.varint();
    const email = emails === 0 ? null : source.storedText();
    this.rest = { source, emails: Math.max(0, emails - 1) };
    this.stored = { firstName, lastName, type, adviserId, adviserName, email };
  }

  get firstName(): string | null {
    return decoded(this.stored.firstName);
  }

  get lastName(): string | null {
    return decoded(this.stored.lastName);
  }

  get type(): string {
    return textOf(this.stored.type);
  }

  get email(): string | null {
    return decoded(this.stored.email);
  }

  /** YYYY-MM-DD; null where there is none. Only lists show it, so that files need not read on to where it stands. */
  get nextReviewDate(): string | null {
    if (this.nextReview !== undefined) return this.nextReview;
    const { source, emails } = this.rest;
    for (let email = 0; email < emails; email += 1) source.storedText();
    // When it was created, and when it was updated.
    source.varint();
    source.varint();
    this.nextReview = source.optionalText();
    return this.nextReview;
  }

  get adviser(): ClientProfile['adviser'] {
    const { adviserId, adviserName } = this.stored;
    return adviserId === null ? null : { id: textOf(adviserId), name: decoded(adviserName) };
  }
}

/** Null when there is no profile, or it was erased. Throws a RangeError for a format this version does not read. */
export function glanceAtProfile(source: ByteReader): ProfileGlance | null {
  return readHead(source).hasProfile ? new ProfileGlance(source) : null;
}

function decoded(stored: StoredText | null): string | null {
  return stored === null ? null : textOf(stored);
}
