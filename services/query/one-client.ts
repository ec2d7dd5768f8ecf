// One client as a reader may see it, at an instant: where every screen of a single client starts.
import { type ClientFacts, type ClientStates, deriveClient, readClient } from '../core/derive/client.ts';
import { type Frame, frameOf } from '../core/derive/frame.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientKey } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import type { Reader } from '../runtime/principal.ts';
import type { ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { clientUnknown } from './places.ts';

export type OneClient = {
  readonly states: ClientStates;
  readonly facts: ClientFacts;
  /** Of the instant, under the firm's settings. */
  readonly frame: Frame;
  /** The earliest occurrence known for the firm, epoch ms; null when there is none. */
  readonly dataSince: number | null;
};

/**
 * `now` in epoch ms; `asOf` a local day, without which it is now. Throws the problems bad_parameter for a day to come, and
 * client_unknown when nothing is known of the client, or it is in another book than the reader's.
 */
export async function readOneClient(
  store: ViewStore,
  client: ClientKey,
  { book }: Pick<Reader, 'book'>,
  now: number,
  asOf?: string,
): Promise<OneClient> {
  const [views, firm] = await Promise.all([store.loadClient(client), store.loadFirm(client.firmId)]);
  const settings = readSettings(firm?.settings ?? null);
  const frame = frameOf(settings, asOf === undefined ? now : instantOf(asOf, settings, now, 'as_of'));
  const states = readClient(views);
  const facts = deriveClient(states, frame);
  if (facts === null || !isInBook(facts, book)) throw clientUnknown();
  return { states, facts, frame, dataSince: firm?.dataSince ?? null };
}
