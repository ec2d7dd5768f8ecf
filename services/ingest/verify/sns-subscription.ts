// Confirms a subscription of Amazon SNS: until its address was visited once, SNS sends nothing else.
import { type Fetch, fetchText } from '../../runtime/pinned-fetch.ts';
import { readSnsMessage, snsHost } from './sns-message.ts';

export type Subscription = {
  readonly topicArn: string;
  /** Checked to be one of SNS, in the topic's own region, and to confirm that very topic. */
  readonly url: string;
};

/**
 * The subscription that a body asks to confirm; null when it asks for none, or with an address that is not the topic's.
 * Only for bodies that were verified.
 */
export function subscriptionOf(body: unknown): Subscription | null {
  const message = readSnsMessage(body);
  if (message?.Type !== 'SubscriptionConfirmation' || !URL.canParse(message.SubscribeURL)) return null;
  const url = new URL(message.SubscribeURL);
  // An origin holds the port; with a user, or another path, it is no address that SNS gives.
  const isOfSns = url.origin === `https://${snsHost(message.TopicArn)}` && url.username === '' && url.pathname === '/';
  const confirms =
    url.searchParams.get('Action') === 'ConfirmSubscription' &&
    url.searchParams.get('TopicArn') === message.TopicArn &&
    url.searchParams.get('Token') === message.Token;
  return isOfSns && confirms ? { topicArn: message.TopicArn, url: url.href } : null;
}

/** Whether SNS took it. SNS sends the same message again for some days, so a failure may be left at that. Never throws. */
export async function confirmSubscription(fetch: Fetch, subscription: Subscription): Promise<boolean> {
  const fetched = await fetchText(fetch, subscription.url);
  return typeof fetched === 'object' && fetched.status === 200;
}
