// Cards, settings and erasure over real HTTP, on the embedded log and store and a clock that is moved by hand.
import { registerActivity } from '../../services/query/activity.ts';
import { registerCard } from '../../services/query/card.ts';
import { registerErasure } from '../../services/query/erase.ts';
import { registerSettings } from '../../services/query/settings.ts';
import { registerTimeline } from '../../services/query/timeline.ts';
import { ProblemAnswer } from '../e2e/service.ts';
import { openStage, type Stage } from '../projector/stage.ts';
import { type Reply, type RunningServer, runServer } from '../runtime/server.ts';

export type Api = {
  readonly stage: Stage;
  readonly server: RunningServer;
  get(path: string): Promise<Reply>;
  /** A text goes as it is, anything else as JSON. */
  put(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
};

export async function openApi(): Promise<Api> {
  const stage = await openStage();
  const { log, store, clock } = stage;
  const server = await runServer({
    routes: (fastify) => {
      registerActivity(fastify, { store, clock });
      registerCard(fastify, { store, clock });
      registerErasure(fastify, { log, store, clock, onErased: () => undefined });
      registerSettings(fastify, { store });
      registerTimeline(fastify, { store, clock });
    },
  });
  const json = { 'content-type': 'application/json' };
  return {
    stage,
    server,
    get: (path) => server.send('GET', path),
    put: (path, body, headers = json) =>
      server.send('PUT', path, headers, typeof body === 'string' ? body : JSON.stringify(body)),
    close: async () => {
      await server.stop();
      await stage.close();
    },
  };
}

/** Status and code of a problem; throws when the answer is not a problem in every part. */
export function problemOf(reply: Reply): readonly [number, string] {
  expect(reply.headers['content-type']).toContain('application/problem+json');
  const { status, code } = ProblemAnswer.parse(JSON.parse(reply.text));
  expect(status).toBe(reply.status);
  return [status, code];
}

export function grant(at: number, clientId = 'ann') {
  const occurredAt = new Date(at).toISOString();
  const email = `${clientId}@example.org`;
  return { eventId: `grant-${clientId}`, firmId: 'firm', clientId, occurredAt, email, change: 'granted' };
}
