// Fetches a small text from an address that was checked before: no redirects, a time-out, a size limit.

/** The one of the platform, or one that a test stands in its place. */
export type Fetch = (
  url: string,
  init: {
    readonly redirect: 'error';
    readonly signal: AbortSignal;
    readonly headers: Readonly<Record<string, string>>;
  },
) => Promise<Pick<Response, 'status' | 'body'>>;

/** `too_large`: it has more than may be read. `unreachable`: no answer, which may be another time. */
export type Fetched = { readonly status: number; readonly text: string } | 'too_large' | 'unreachable';

export type FetchLimits = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytesMax?: number;
};

const timeoutMs = 5_000;
const textBytesMax = 32 * 1024;

/** Never throws. */
export async function fetchText(fetch: Fetch, url: string, limits: FetchLimits = {}): Promise<Fetched> {
  const { headers = {}, bytesMax = textBytesMax } = limits;
  try {
    const { status, body } = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs), headers });
    const text = body === null ? '' : await readSmall(body, bytesMax);
    return text === null ? 'too_large' : { status, text };
  } catch {
    return 'unreachable';
  }
}

/** True where asking again may help: no answer, a fault of the server, or too many questions. */
export function mayPass(fetched: Fetched): boolean {
  if (typeof fetched === 'string') return fetched === 'unreachable';
  return fetched.status >= 500 || fetched.status === 429;
}

/** Null when it is too large. */
async function readSmall(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
