// Fetches a small text from an address that was checked before: no redirects, a time-out, a size limit.

/** The one of the platform, or one that a test stands in its place. */
export type Fetch = (
  url: string,
  init: { readonly redirect: 'error'; readonly signal: AbortSignal },
) => Promise<Pick<Response, 'status' | 'body'>>;

/** `missing`: the server is there and has no such thing. `unreachable`: it may be another time. */
export type Fetched = { readonly text: string } | 'missing' | 'unreachable';

const timeoutMs = 5_000;
const textBytesMax = 32 * 1024;

/** Never throws. */
export async function fetchText(fetch: Fetch, url: string): Promise<Fetched> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    const text = response.body === null ? '' : await readSmall(response.body);
    if (text === null) return 'missing';
    if (response.status === 200) return { text };
    return response.status >= 400 && response.status < 500 && response.status !== 429 ? 'missing' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

/** Null when it is too large. */
async function readSmall(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > textBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
