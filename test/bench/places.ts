// Where a log or a store of the bench is, in words that can be given to another process, and how it is opened there.
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openDynamoStore } from '../../services/store/dynamodb.ts';
import type { DynamoOptions } from '../../services/store/dynamodb-connection.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';

export const kafkaPartitions = 6;

export type KafkaPlace = { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly topicPrefix: string };
export type LogPlace = KafkaPlace | { readonly kind: 'embedded'; readonly dir: string };
export type DynamoPlace = { readonly kind: 'dynamodb'; readonly endpoint: string; readonly table: string };
export type StorePlace = DynamoPlace | { readonly kind: 'embedded'; readonly dir: string };

export function openLogAt(place: LogPlace): Promise<EventLog> {
  const clock = systemClock;
  if (place.kind === 'embedded') return openEmbeddedLog({ dir: place.dir, clock, partitions: kafkaPartitions });
  const { brokers, topicPrefix } = place;
  return openKafkaLog({ brokers, clientId: 'bench', topicPrefix, clock, partitions: kafkaPartitions });
}

export function openStoreAt(place: StorePlace): ViewStore {
  return place.kind === 'embedded' ? openEmbeddedStore(place) : openDynamoStore(dynamoOptionsOf(place));
}

export function dynamoOptionsOf({ endpoint, table }: DynamoPlace): DynamoOptions {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  return { endpoint, table, credentials, region: 'eu-west-1', clock: systemClock, requestConcurrencyMax: 64 };
}
