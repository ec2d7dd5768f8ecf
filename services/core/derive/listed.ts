// One client after the other at one instant, for lists and for files of a whole firm: by the very functions that derive a
// card, but from glances at the stored views. What is derived is what deriveClient derives.
import { ByteReader } from '../bytes.ts';
import { sealEnd } from '../view.ts';
import { grantsAt } from '../views/access/glance.ts';
import { accessView } from '../views/access/view.ts';
import { glanceAtProfile, type ProfileGlance } from '../views/profile/glance.ts';
import { profileView } from '../views/profile/view.ts';
import { SignalsGlance, SignalsReader } from '../views/signals/glance.ts';
import { signalsView } from '../views/signals/view.ts';
import { type AccessFacts, type AccessStatus, accessOf, accessStatus } from './access.ts';
import type { SignalFacts } from './facts.ts';
import type { Frame } from './frame.ts';
import { deriveAtAGlance } from './signals.ts';

/** A client with a profile; others are in no list and in no file. */
export type ListedClient = {
  readonly profile: ProfileGlance;
  readonly access: Pick<AccessFacts, 'has' | 'everGranted'>;
  readonly status: AccessStatus;
  readonly signals: SignalFacts;
};

type EncodedView = { readonly view: string; readonly bytes: Uint8Array };

const noSignals = new SignalsGlance();

export class ListedReader {
  private readonly frame: Frame;
  private readonly signalsReader = new SignalsReader();
  private lastSignals = noSignals;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /**
   * Null when there is no profile; views that are not there may be null as well. The texts of the answer stand in the bytes given. Throws a RangeError for a format
   * this version does not read.
   */
  read(views: readonly (EncodedView | null)[]): ListedClient | null {
    const { frame } = this;
    const stored = bytesOf(views, profileView.name);
    const profile = stored === null ? null : glanceAtProfile(new ByteReader(stored, sealEnd(stored)));
    if (profile === null) return null;
    this.lastSignals = this.readSignals(views);
    const signals = deriveAtAGlance(this.lastSignals, frame);
    const access = bytesOf(views, accessView.name);
    const grants = access === null ? [] : grantsAt(new ByteReader(access, sealEnd(access)), frame.at);
    const facts = accessOf(grants, profile.status, frame);
    return { profile, access: facts, status: accessStatus(facts.has, signals.lastLogin !== null), signals };
  }

  /** What the facts of the client read last were derived from; stands until the next read. */
  glance(): SignalsGlance {
    return this.lastSignals;
  }

  private readSignals(views: readonly (EncodedView | null)[]): SignalsGlance {
    const bytes = bytesOf(views, signalsView.name);
    return bytes === null ? noSignals : this.signalsReader.read(bytes, sealEnd(bytes));
  }
}

function bytesOf(views: readonly (EncodedView | null)[], name: string): Uint8Array | null {
  for (const stored of views) if (stored?.view === name) return stored.bytes;
  return null;
}
