// The insides of kafkajs 2.2.4 that kafka-fetch.ts and kafka-mends.ts reach into; the package describes its outside only.

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string;
    readBytes(length: number): Buffer;
    readArray<Item>(read: (decoder: Decoder) => Item): Item[];
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  export type FetchResponse<Message> = {
    throttleTime: number;
    clientSideThrottleTime: number;
    errorCode: number;
    sessionId: number;
    responses: {
      topicName: string;
      partitions: {
        partition: number;
        errorCode: number;
        highWatermark: string;
        lastStableOffset: string;
        lastStartOffset: string;
        abortedTransactions: never[];
        preferredReadReplica: number;
        messages: Message[];
      }[];
    }[];
  };

  type Exchange = { response: { decode(bytes: Buffer): Promise<unknown> } };
  type Definition = { protocol(asked: { version: number }): (options: object) => Exchange };

  const inside: { requests: { Fetch: Definition } };
  export default inside;
}

declare module 'kafkajs/src/broker/index.js' {
  export default class Broker {
    heartbeat(request: object): Promise<unknown>;
    metadata(topics: readonly string[]): Promise<unknown>;
    offsetCommit(request: object): Promise<unknown>;
    produce(request: object): Promise<unknown>;
  }
}

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  export default class Connection {
    readonly host: string;
    readonly port: number;
    readonly socket?: Socket;
    send(exchange: { readonly request: { readonly apiKey: number } }): Promise<unknown>;
  }
}
