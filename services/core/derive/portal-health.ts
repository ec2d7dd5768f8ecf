// How healthy a portal is, as the field measures it: the share of clients who used it within a month.

/** A month, in local days that end today. */
export const monthDays = 30;

/** Of the share of clients who were active within a month. */
export const shareBands = { problemBelow: 0.4, aimFrom: 0.6, aimTo: 0.8 };

export const shareVerdicts = ['problem', 'below_aim', 'on_aim', 'above_aim'] as const;
export type ShareVerdict = (typeof shareVerdicts)[number];

/** Null where there is nobody: 0 of 0 is no figure. */
export function monthlyActive(
  active: number,
  clients: number,
): { readonly share: number; readonly verdict: ShareVerdict } | null {
  if (clients === 0) return null;
  const share = active / clients;
  return { share, verdict: verdictOf(share) };
}

function verdictOf(share: number): ShareVerdict {
  if (share < shareBands.problemBelow) return 'problem';
  if (share < shareBands.aimFrom) return 'below_aim';
  return share <= shareBands.aimTo ? 'on_aim' : 'above_aim';
}
