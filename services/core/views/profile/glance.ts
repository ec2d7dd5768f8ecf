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

  /** Reads the fields in the order in which the view's encode writes them, and none behind the last that is needed. */
  constructor(source: ByteReader) {
    source.varint();
    const firstName = source.optionalStoredText();
    const lastName = source.optionalStoredText();
    const type = source.storedText();
    this.status = source.byte() === 1 ? 'active' : 'inactive';
    const adviserId = source.optionalStoredText();
    const adviserName = adviserId === null ? null : source.optionalStoredText();
    const email = source.varint() === 0 ? null : source.storedText();
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
