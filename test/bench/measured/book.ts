// Saves the large firm.

import { dayMs } from '../../../services/core/time.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { bookFirm, createPool, writesOf } from '../book.ts';
import { openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type BookArgs = { readonly store: StorePlace; readonly clients: number; readonly now: number };

const saveClients = 2_000;

const { store: place, clients, now } = readArgs<BookArgs>();
const store = openStoreAt(place);
const pool = createPool(1, now);
const random = seededRandom(2);
const watch = startWatch();
await store.noteFirms([{ firmId: bookFirm, dataSince: now - 700 * dayMs }]);
for (let start = 0; start < clients; start += saveClients) {
  const some = Math.min(saveClients, clients - start);
  await store.save(Array.from({ length: some }, (_, index) => writesOf(start + index, pool, random, now)).flat());
}
const figures = watch(clients);
await store.close();
tell(figures);
