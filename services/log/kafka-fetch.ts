// Makes kafkajs hand over record batches instead of messages: it still connects, fetches, balances and keeps offsets, but
// what a fetch brought is read by kafka-records.ts. kafkajs has no door for that, so the answer to its Fetch request is
// taken over at the one place where it looks up how to read it. It is pinned to the version whose insides these are.
import Decoder from 'kafkajs/src/protocol/decoder.js';
import inside, { type FetchResponse } from 'kafkajs/src/protocol/requests/index.js';
import { type Aborted, batchesIn, type RecordBatch } from './kafka-records.ts';

/** The newest that kafkajs knows; Kafka has it since 2.3. */
const fetchVersion = 11;
const int64Bytes = 8;

let isTakenOver = false;

/** Of every kafkajs client of this process. Repeating it changes nothing. */
export function fetchRecordBatches(): void {
  if (isTakenOver) return;
  isTakenOver = true;
  const { Fetch } = inside.requests;
  const { protocol } = Fetch;
  Fetch.protocol = ({ version }) => {
    if (version !== fetchVersion) throw new Error('Kafka 2.3 or newer is needed; this broker is older');
    const make = protocol({ version });
    return (options) => {
      const made = make(options);
      return { ...made, response: { ...made.response, decode: decodeFetch } };
    };
  };
}

/** The answer as kafkajs wants it, with batches for messages. */
async function decodeFetch(bytes: Buffer): Promise<FetchResponse<RecordBatch>> {
  const decoder = new Decoder(bytes);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  const sessionId = decoder.readInt32();
  const responses = decoder.readArray(readTopic);
  // The broker asks to be left alone for the other time, and has not waited itself.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function readTopic(decoder: Decoder) {
  return { topicName: decoder.readString(), partitions: decoder.readArray(readPartition) };
}

function readPartition(decoder: Decoder) {
  const partition = decoder.readInt32();
  const errorCode = decoder.readInt16();
  decoder.readInt64();
  // In place of the end of all messages: what stands behind it waits for an open transaction, and nobody may read it yet.
  const lastStableOffset = decoder.readInt64().toString();
  const lastStartOffset = decoder.readInt64().toString();
  const aborted = decoder.readArray(readAborted);
  const preferredReadReplica = decoder.readInt32();
  const size = decoder.readInt32();
  const messages = size > 0 ? batchesIn(decoder.readBytes(size), aborted) : [];
  // Whom the aborted ones are hidden from is settled with the batches.
  const abortedTransactions: never[] = [];
  return {
    partition,
    errorCode,
    highWatermark: lastStableOffset,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions,
    preferredReadReplica,
    messages,
  };
}

function readAborted(decoder: Decoder): Aborted {
  const producer = decoder.readBytes(int64Bytes).toString('latin1');
  return { producer, firstOffset: Number(decoder.readInt64()) };
}
