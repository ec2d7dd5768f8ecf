// The feed as a process of its own: takes rates, a line each, and tells ten times a second how many events it has appended.
import { startFeed } from '../feed.ts';
import { type LogPlace, openLogAt } from '../places.ts';
import type { Workload } from '../workload.ts';
import { fail, onOrder, readArgs, tellProgress } from './child.ts';

export type FeedArgs = { readonly log: LogPlace; readonly workload: Workload };
export type FeedOrder = { readonly rate: number };

const args = readArgs<FeedArgs>();
const feed = startFeed(await openLogAt(args.log), args.workload, fail);
onOrder<FeedOrder>(({ rate }) => feed.setRate(rate));
tellProgress(() => ({ appended: feed.appended() }));
