// What a subscriber hears: that a view changed, or that it must load anew; never what the view holds.
import type { Notice } from '../../core/events/changes.ts';

export type Change = Pick<Notice, 'clientId' | 'view' | 'version'>;
/** Why a subscriber must load anew: what it has missed is gone, is too much, or it does not read fast enough. */
export type ResetReason = 'unusable_position' | 'too_old' | 'too_much' | 'too_slow';

/** Changes of one firm that wait to be handed out; beyond this it is quicker to load anew. */
export const gatheredMax = 20_000;
