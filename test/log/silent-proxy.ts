// A TCP proxy in front of a real broker that can fall silent: connections stay open and nothing comes back on them, as when
// a broker hangs or a firewall forgets. Nobody is told, so whoever waits there waits for ever.
import { connect, createServer, type Socket } from 'node:net';

/** Of a request: its length (4 bytes), then which it is (2). */
const keyAt = 4;
const fetchKey = 1;

export type SilentProxy = {
  readonly port: number;
  /**
   * From now on, no connection that there is by now is answered any more, or only none that has been fetched on. New ones
   * are. Answers how many fell silent.
   */
  silence(which: 'all' | 'fetches'): number;
  stop(): Promise<void>;
};

export async function startSilentProxy(brokerPort: number): Promise<SilentProxy> {
  const fetching = new Set<Socket>();
  const silent = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    clients.add(client);
    for (const socket of [client, broker]) {
      // Who is cut off here finds out by himself.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        broker.destroy();
        for (const some of [clients, fetching, silent]) some.delete(client);
      });
    }
    client.on('data', (bytes) => {
      if (bytes.length > keyAt + 1 && bytes.readInt16BE(keyAt) === fetchKey) fetching.add(client);
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (!silent.has(client)) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    silence: (which) => {
      const hit = which === 'all' ? clients : fetching;
      for (const client of hit) silent.add(client);
      return hit.size;
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
