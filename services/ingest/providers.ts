// The table of providers: a new one is a line here and a file in providers/.
import type { Offer } from './providers/offer.ts';

export const offers: Readonly<Record<string, Offer>> = {};
