// The profile view: the newest profile of a client, or the marker of its erasure, or both when a new profile followed.
import { ByteReader, ByteWriter } from '../../bytes.ts';
import type { Erasure, Profile } from '../../events/client.ts';
import { instantMin } from '../../time.ts';
import type { CanonicalEvent } from '../../topics.ts';
import type { View } from '../../view.ts';

export type ClientProfile = {
  readonly version: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly type: string;
  readonly status: 'active' | 'inactive';
  readonly adviser: { readonly id: string; readonly name: string | null } | null;
  /** As written by the producer, trimmed; the first is the main one. */
  readonly emails: readonly string[];
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** YYYY-MM-DD. */
  readonly nextReviewDate: string | null;
  readonly previousReviewDate: string | null;
  readonly anniversaryDate: string | null;
};

/** Nothing older than `at` (epoch ms), and no profile of a version below `version`, comes back. */
export type ErasureMark = { readonly at: number; readonly version: number };

export type ProfileState = { profile: ClientProfile | null; erased: ErasureMark | null };

const format = 1;

export const profileView: View<ProfileState> = {
  name: 'profile',
  concerns: ({ topic }) => topic === 'client',
  concernsPlain: (topic) => topic === 'client',
  empty: () => ({ profile: null, erased: null }),
  fold,
  late: () => 0,
  encode,
  decode,
  readable,
};

function fold(state: ProfileState, { topic, event }: CanonicalEvent): void {
  if (topic !== 'client') return;
  if (event.erased === true) erase(state, event);
  else takeProfile(state, event);
}

function erase(state: ProfileState, { at, version }: Erasure): void {
  const { erased, profile } = state;
  state.erased = { at: Math.max(at, erased?.at ?? 0), version: Math.max(version, erased?.version ?? 0) };
  if (profile !== null && isErased(profile, state.erased)) state.profile = null;
}

function takeProfile(state: ProfileState, event: Profile): void {
  const profile = profileOf(event);
  if (state.erased !== null && isErased(profile, state.erased)) return;
  if (state.profile === null || isNewer(profile, state.profile)) state.profile = profile;
}

function isErased(profile: ClientProfile, erased: ErasureMark): boolean {
  return profile.updatedAt < erased.at || profile.version < erased.version;
}

/** Two profiles of one version and instant are a producer's mistake; their text decides, so that order never does. */
function isNewer(one: ClientProfile, other: ClientProfile): boolean {
  if (one.version !== other.version) return one.version > other.version;
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt;
  return JSON.stringify(one) > JSON.stringify(other);
}

function profileOf(event: Profile): ClientProfile {
  const adviser = event.adviser ?? null;
  return {
    version: event.version,
    firstName: event.firstName ?? null,
    lastName: event.lastName ?? null,
    type: event.type,
    status: event.status,
    adviser: adviser === null ? null : { id: adviser.id, name: adviser.name ?? null },
    emails: event.emails,
    createdAt: event.createdAt,
    updatedAt: event.updatedAt,
    nextReviewDate: event.nextReviewDate ?? null,
    previousReviewDate: event.previousReviewDate ?? null,
    anniversaryDate: event.anniversaryDate ?? null,
  };
}

function encode({ profile, erased }: ProfileState): Uint8Array {
  const out = new ByteWriter();
  out.byte(format);
  out.byte((profile === null ? 0 : 1) | (erased === null ? 0 : 2));
  if (erased !== null) {
    out.varint(erased.at);
    out.varint(erased.version);
  }
  if (profile === null) return out.take();
  out.varint(profile.version);
  out.optionalText(profile.firstName);
  out.optionalText(profile.lastName);
  out.text(profile.type);
  out.byte(profile.status === 'active' ? 1 : 0);
  out.optionalText(profile.adviser?.id ?? null);
  if (profile.adviser !== null) out.optionalText(profile.adviser.name);
  out.varint(profile.emails.length);
  for (const email of profile.emails) out.text(email);
  // A file may have been opened before 1970, and varints are not negative.
  out.varint(profile.createdAt - instantMin);
  out.varint(profile.updatedAt);
  out.optionalText(profile.nextReviewDate);
  out.optionalText(profile.previousReviewDate);
  out.optionalText(profile.anniversaryDate);
  return out.take();
}

function decode(bytes: Uint8Array): ProfileState {
  const source = new ByteReader(bytes);
  const { hasProfile, erased } = readHead(source);
  return { erased, profile: hasProfile ? readProfile(source) : null };
}

/** Reads up to where a profile begins, if there is one. Throws a RangeError for a format this version does not read. */
export function readHead(source: ByteReader): { readonly hasProfile: boolean; readonly erased: ErasureMark | null } {
  const found = source.byte();
  if (found !== format) throw new RangeError(`stored profile has format ${found}, this version reads ${format}`);
  const parts = source.byte();
  const erased = (parts & 2) === 0 ? null : { at: source.varint(), version: source.varint() };
  return { hasProfile: (parts & 1) !== 0, erased };
}

function readProfile(source: ByteReader): ClientProfile {
  // Fields are read in the order they are written above; an object literal evaluates in that order.
  return {
    version: source.varint(),
    firstName: source.optionalText(),
    lastName: source.optionalText(),
    type: source.text(),
    status: source.byte() === 1 ? 'active' : 'inactive',
    adviser: readAdviser(source),
    emails: Array.from({ length: source.varint() }, () => source.text()),
    createdAt: source.varint() + instantMin,
    updatedAt: source.varint(),
    nextReviewDate: source.optionalText(),
    previousReviewDate: source.optionalText(),
    anniversaryDate: source.optionalText(),
  };
}

function readAdviser(source: ByteReader): ClientProfile['adviser'] {
  const id = source.optionalText();
  return id === null ? null : { id, name: source.optionalText() };
}

function readable({ profile, erased }: ProfileState) {
  return {
    status: profile?.status ?? null,
    profileVersion: profile?.version ?? null,
    erased: profile === null && erased !== null ? 1 : null,
  };
}
