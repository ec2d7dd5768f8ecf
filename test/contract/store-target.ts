// Which store a contract test runs on, as plain JSON, so that a child process can open the same one.
import { systemClock } from '../../services/runtime/clock.ts';
import { openDynamoStore } from '../../services/store/dynamodb.ts';
import type { DynamoOptions } from '../../services/store/dynamodb-connection.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';

export type StoreTarget =
  | { readonly kind: 'embedded'; readonly dir: string }
  | { readonly kind: 'dynamodb'; readonly endpoint: string; readonly table: string };

export function openTarget(target: StoreTarget): ViewStore {
  if (target.kind === 'embedded') return openEmbeddedStore({ dir: target.dir });
  return openDynamoStore(dynamoOptions(target.endpoint, target.table));
}

/** Small pages, so that a few thousand clients take several. */
export function dynamoOptions(endpoint: string, table: string): DynamoOptions {
  return {
    table,
    endpoint,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    clock: systemClock,
    requestConcurrencyMax: 32,
    scanPageItemsMax: 50,
  };
}
