// Calls to the service about one firm, with the page's token: asked for when first needed, kept until it expires, and asked for
// once more when it is refused.
import { requestOf } from '../api/request.ts';
import type { TokenProvider } from './page.ts';

/** Why there is no answer, in words for people. */
export class CallProblem extends Error {
  /** It may pass by itself: try again after so long. Null: it will not. */
  readonly againMs: number | null;

  constructor(message: string, againMs: number | null) {
    super(message);
    this.againMs = againMs;
  }
}

export type Call = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type Calls = {
  /** `path` behind the firm's. Throws a CallProblem; an aborted call throws as fetch does. */
  send(path: string, call: Call): Promise<Response>;
};

type Held = { readonly token: string | null; readonly until: number };

/** A token that has no more than this to live is not sent any more. */
const marginMs = 5_000;
const againMsMin = 2_000;

export function openCalls(service: string, firm: string, provider: TokenProvider): Calls {
  let held: Held | null = null;
  let asking: Promise<Held> | null = null;

  /** A token other than the one that was refused; null: the page has none. */
  const tokenBeside = async (refused: string | null): Promise<string | null> => {
    if (held !== null && held.token !== refused && held.until > Date.now() + marginMs) return held.token;
    asking ??= ask(firm, provider).finally(() => {
      asking = null;
    });
    held = await asking;
    return held.token;
  };

  const fetchWith = (token: string | null, path: string, call: Call): Promise<Response> => {
    const method = call.body === undefined ? 'GET' : 'POST';
    const where = `${service}/v1/firms/${encodeURIComponent(firm)}${path}`;
    return fetch(where, requestOf({ ...call, method, token })).catch((error: unknown) => {
      if (call.signal?.aborted === true) throw error;
      throw new CallProblem('The service cannot be reached, or does not let this page call it.', againMsMin);
    });
  };

  return {
    send: async (path, call) => {
      const token = await tokenBeside(null);
      let reply = await fetchWith(token, path, call);
      if (reply.status === 401) {
        const another = await tokenBeside(token);
        if (another !== token) reply = await fetchWith(another, path, call);
      }
      if (!reply.ok) throw await problemOf(reply);
      return reply;
    },
  };
}

async function ask(firm: string, provider: TokenProvider): Promise<Held> {
  try {
    const given = await provider(firm);
    if (given === null || typeof given === 'string') return { token: given, until: Number.POSITIVE_INFINITY };
    return { token: given.token, until: Date.parse(given.expiresAt ?? '') || Number.POSITIVE_INFINITY };
  } catch (error) {
    throw new CallProblem(`The page got no token: ${error instanceof Error ? error.message : error}`, againMsMin);
  }
}

async function problemOf(reply: Response): Promise<CallProblem> {
  const told: { readonly detail?: unknown } = await reply.json().catch(() => ({}));
  const words = typeof told.detail === 'string' ? told.detail : `The service answered with ${reply.status}.`;
  const mayPass = reply.status === 429 || reply.status >= 500;
  const seconds = Number(reply.headers.get('retry-after')) || 0;
  return new CallProblem(words, mayPass ? Math.max(seconds * 1000, againMsMin) : null);
}
