// What the dashboard knows of the API: the types of its answers. Types alone, so that no rule comes with them.
export type { Card } from '../core/derive/card.ts';
export type { Rating } from '../core/derive/facts.ts';
export type { ExportJobWire, ExportRequest } from '../core/export-job.ts';
export type { AccessFilter } from '../core/filter.ts';
export type { List, ListItem, ListOrder, ListSort } from '../core/list.ts';
export type { SettingsWire } from '../core/settings.ts';
export type { Change, ResetReason } from './changes/change.ts';
export type { Activity } from './wire/activity.ts';
export type { LetterWire as DeadLetter, RedriveWire as RedriveOutcome } from './wire/dead-letters.ts';
export type { FirmActivity } from './wire/firm-activity.ts';
export type { Firms, Me } from './wire/me.ts';
export type { Movements } from './wire/movements.ts';
export type { Pipeline } from './wire/pipeline.ts';
export type { SignIn } from './wire/sign-in.ts';
export type { Tile, Tiles } from './wire/tiles.ts';
export type { Timeline } from './wire/timeline.ts';
export type { WhatIf } from './wire/what-if.ts';
