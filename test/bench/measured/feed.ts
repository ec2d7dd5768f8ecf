// The feed as a process of its own.
import { type Feed, feed } from '../feed.ts';
import { type LogPlace, openLogAt } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type FeedArgs = { readonly log: LogPlace; readonly feed: Feed };

const args = readArgs<FeedArgs>();
const log = await openLogAt(args.log);
const watch = startWatch();
await feed(log, args.feed);
tell(watch(args.feed.rate * args.feed.seconds));
