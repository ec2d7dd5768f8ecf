// Why a message became no event: the one list of reason codes, for dead letters, rejected requests and metrics.

/** Unusable messages, kept as dead letters (or, over HTTP, rejected) under these codes. */
export const deadLetterReasons = {
  not_json: 'The value is not JSON: it is empty, is not UTF-8, or breaks the grammar.',
  wrong_shape: 'A field that the schema of the topic asks for is missing or holds something else.',
  unknown_version: 'The message names a schema version that this release does not read.',
  too_large: 'The value is larger than 256 KiB.',
  unreadable: 'The log holds bytes at this place that cannot be unpacked, so the message is lost.',
  in_future: 'It claims to have occurred more than 5 minutes after the log appended it.',
  cannot_map: 'A provider sent what should become an event and lacks something that an event must have.',
  no_subject: 'A provider’s event does not say whose it is in any field that the rules of its source name.',
  client_ambiguous: 'Several clients share the address, and the event can be of one of them only.',
  waited_in_vain: 'No client of that address or user id became known for as long as an event may wait.',
  waiting_full: 'No client of that address or user id is known, and as many events as may wait were waiting.',
  unknown_schema: 'The value names a schema that neither signalfold nor the schema registry knows.',
  schema_clash: 'The schema by which the value was written cannot be read as the schema of the topic.',
  not_avro: 'The value is not of the schema by which it says it was written.',
  bad_key: 'The null value erases a client, but the key is not firmId/clientId, so it does not say whom.',
} as const;

export type DeadLetterReason = keyof typeof deadLetterReasons;

/** Messages ignored on purpose. */
export const dropReasons = {
  tombstone: 'The value is null, which means something on the client topic only.',
} as const;

export type DropReason = keyof typeof dropReasons;

export function isDeadLetterReason(code: string): code is DeadLetterReason {
  return Object.hasOwn(deadLetterReasons, code);
}
