// Portal access of one client: per email address the history of its changes, from which the state at any instant is
// replayed. Histories are short (a grant, an invitation, a set-up, some changes), so they are kept, not just their end.

export const changeKinds = ['granted', 'invited', 'accepted', 'set-up', 'changed', 'revoked'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const permissionNames = ['write', 'delete'] as const;
export const featureNames = ['welcome', 'wealth', 'goals', 'factfind', 'tasks'] as const;
export type PermissionName = (typeof permissionNames)[number];
export type FeatureName = (typeof featureNames)[number];

/** Undefined: absent, the last value stays. Null: cleared. */
export type FlagChange = boolean | null | undefined;
export type FlagChanges<Name extends string> = Readonly<Partial<Record<Name, FlagChange>>> | null | undefined;

export type Change = {
  readonly at: number;
  readonly eventId: string;
  readonly kind: ChangeKind;
  readonly expiresOn: string | null | undefined;
  readonly permissions: FlagChanges<PermissionName>;
  readonly features: FlagChanges<FeatureName>;
  readonly twoFactor: FlagChange;
};

/** How far one login has come. */
export type Progress = 'not_invited' | 'invited' | 'accepted' | 'set_up' | 'revoked';

export type LoginState = {
  /** A granted, invited or revoked is known, or an acceptance has implied a grant. */
  readonly known: boolean;
  readonly granted: boolean;
  readonly progress: Progress;
  /** When the newest invitation was made, epoch ms; null when there was none. */
  readonly invitedAt: number | null;
  readonly expiresOn: string | null;
  readonly permissions: Readonly<Record<PermissionName, boolean>>;
  readonly features: Readonly<Record<FeatureName, boolean>>;
  readonly twoFactor: boolean;
};

export type Login = {
  /** Trimmed and lower-cased. */
  readonly address: string;
  /** What the changes that are no longer kept had led to, and the last of them; null while all are kept. */
  base: { readonly state: LoginState; readonly at: number; readonly eventId: string } | null;
  /** Ascending by (at, eventId), distinct. */
  readonly changes: Change[];
  /** When invitations to this address bounced, epoch ms ascending. */
  readonly bounces: number[];
};

export type Access = {
  erasedAt: number;
  /** Ascending by address. */
  readonly logins: Login[];
  /** Changes since decoding that were older than what is kept; not stored. */
  late: number;
};

export function emptyAccess(): Access {
  return { erasedAt: 0, logins: [], late: 0 };
}

export const initialLogin: LoginState = {
  known: false,
  granted: false,
  progress: 'not_invited',
  invitedAt: null,
  expiresOn: null,
  permissions: { write: false, delete: false },
  features: { welcome: false, wealth: false, goals: false, factfind: false, tasks: false },
  twoFactor: false,
};

/** What of a login says whether it gives access. */
export type Grant = Pick<LoginState, 'known' | 'granted' | 'expiresOn'>;
type Standing = Pick<LoginState, 'known' | 'granted'>;

const accessGiven: Standing = { known: true, granted: true };
const accessTaken: Standing = { known: true, granted: false };

/** The newest of granted, invited and revoked decides; accepted and set-up imply a grant only where none is known. */
export function standingAfter(before: Standing, kind: ChangeKind): Standing {
  switch (kind) {
    case 'granted':
    case 'invited':
      return accessGiven;
    case 'revoked':
      return accessTaken;
    case 'accepted':
    case 'set-up':
      return before.known ? before : accessGiven;
    case 'changed':
      return before;
  }
}

export function applyChange(before: LoginState, change: Change): LoginState {
  const { known, granted } = standingAfter(before, change.kind);
  return {
    known,
    granted,
    progress: progressAfter(before.progress, change.kind),
    invitedAt: change.kind === 'invited' ? change.at : before.invitedAt,
    expiresOn: change.expiresOn === undefined ? before.expiresOn : change.expiresOn,
    permissions: applyFlags(before.permissions, initialLogin.permissions, change.permissions),
    features: applyFlags(before.features, initialLogin.features, change.features),
    twoFactor: change.twoFactor === undefined ? before.twoFactor : (change.twoFactor ?? false),
  };
}

function progressAfter(before: Progress, kind: ChangeKind): Progress {
  switch (kind) {
    case 'granted':
      return before === 'revoked' ? 'not_invited' : before;
    case 'invited':
      return 'invited';
    case 'revoked':
      return 'revoked';
    case 'accepted':
      return before === 'revoked' || before === 'set_up' ? before : 'accepted';
    case 'set-up':
      return before === 'revoked' ? before : 'set_up';
    case 'changed':
      return before;
  }
}

function applyFlags<Name extends string>(
  before: Readonly<Record<Name, boolean>>,
  cleared: Readonly<Record<Name, boolean>>,
  changes: FlagChanges<Name>,
): Readonly<Record<Name, boolean>> {
  if (changes === undefined) return before;
  if (changes === null) return cleared;
  const after: Record<Name, boolean> = { ...before };
  for (const name in changes) {
    const flag: FlagChange = changes[name];
    if (flag !== undefined) after[name] = flag ?? false;
  }
  return after;
}
