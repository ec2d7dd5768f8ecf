// Loads the large firm into a roster: clients a second, and what a client takes of memory.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openRoster } from '../../../services/query/roster/roster.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { bookFirm } from '../book.ts';
import { openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type RosterArgs = { readonly store: StorePlace };

const store = openStoreAt(readArgs<RosterArgs>().store);
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
collect();
const before = process.memoryUsage();
const watch = startWatch();
const roster = openRoster({ firmId: bookFirm, store, clock: systemClock });
await roster.ready;
const { own, beside, rows } = roster.bytes();
const figures = watch(rows, { ownBytes: own / rows, besideBytes: beside / rows });
collect();
const after = process.memoryUsage();
const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
tell({ ...figures, extra: { ...figures.extra, grownBytes: grown / rows } });
