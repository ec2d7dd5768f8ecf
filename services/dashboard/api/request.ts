// A request to the service as pages and elements send it: JSON, a token where there is one, no cookies, nothing from a cache.

export type RequestParts = {
  readonly method: string;
  /** Null sends none. */
  readonly token: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
};

export function requestOf({ method, token, body, headers, signal }: RequestParts): RequestInit {
  return {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    credentials: 'omit',
    cache: 'no-store',
  };
}
