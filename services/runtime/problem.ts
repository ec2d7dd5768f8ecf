// Errors towards HTTP callers: RFC 9457 problems with a stable code. Each code stands here once.
import { z } from 'zod';
import { codeOf, OperatingError } from './errors.ts';

export const problemCodes = {
  bad_request: { status: 400, title: 'The request cannot be read.' },
  bad_url: { status: 400, title: 'The URL cannot be read.' },
  bad_parameter: { status: 400, title: 'A parameter has a wrong value.' },
  bad_cursor: { status: 400, title: 'The cursor cannot be used.' },
  not_json: { status: 400, title: 'The body is not JSON.' },
  empty_body: { status: 400, title: 'The body is empty.' },
  bad_encoding: { status: 400, title: 'The body is not what its Content-Encoding says.' },
  bad_signature: { status: 401, title: 'The request is not signed as its source signs.' },
  unauthenticated: { status: 401, title: 'A valid key or token is needed.' },
  forbidden: { status: 403, title: 'The key or token does not allow this.' },
  host_forbidden: { status: 403, title: 'The Host header names another host.' },
  origin_forbidden: { status: 403, title: 'Pages of another origin may not call this API.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  unknown_topic: { status: 404, title: 'There is no such topic.' },
  firm_unknown: { status: 404, title: 'There is no such firm.' },
  client_unknown: { status: 404, title: 'Nothing is known of this client.' },
  source_unknown: { status: 404, title: 'There is no such source.' },
  dead_letter_unknown: { status: 404, title: 'There is no such dead letter.' },
  export_unknown: { status: 404, title: 'There is no such export.' },
  method_not_allowed: { status: 405, title: 'This method is not offered here.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  conflict: { status: 409, title: 'Somebody else changed this at the same time.' },
  not_finished: { status: 409, title: 'This is not finished yet.' },
  export_failed: { status: 409, title: 'The export failed.' },
  export_erased: { status: 410, title: 'The file went when a client of the firm was erased.' },
  export_gone: { status: 410, title: 'The file is no longer kept.' },
  too_large: { status: 413, title: 'The request is too large.' },
  unsupported_media_type: { status: 415, title: 'The body has a media type that is not read here.' },
  unsupported_encoding: { status: 415, title: 'The body has a Content-Encoding that is not read here.' },
  idempotency_key_reused: { status: 422, title: 'The key was used for another request.' },
  too_many_requests: { status: 429, title: 'Too many requests came in a short time.' },
  headers_too_large: { status: 431, title: 'The headers are too large.' },
  internal_error: { status: 500, title: 'Something failed here.' },
  unavailable: { status: 503, title: 'This cannot be done at present.' },
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** What a caller gets. The code never changes; title and detail are for people. */
export const ProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  /** Names this one answer; the log has the same id. */
  instance: z.string().optional(),
});
export type ProblemBody = z.infer<typeof ProblemBody>;

/** After this long a caller may try again what failed for a reason that may pass. */
const retryAfterSeconds = 2;

/** Thrown by a route to answer with a problem. `detail` is shown to the caller: no secrets, no internals. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: { headers?: Record<string, string>; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = problemCodes[code].status;
    this.headers =
      code === 'unavailable'
        ? { 'retry-after': String(retryAfterSeconds), ...options.headers }
        : { ...options.headers };
  }
}

export function problemBody(problem: Problem, requestId?: string): ProblemBody {
  return {
    type: `urn:signalfold:problem:${problem.code}`,
    title: problemCodes[problem.code].title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(requestId === undefined ? {} : { instance: `urn:signalfold:request:${requestId}` }),
  };
}

/** The framework's own codes, as ours. */
const frameworkCodes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_BAD_URL: ['bad_url', 'The path has a percent sign without two hex digits, or is not UTF-8.'],
  FST_ERR_MAX_PARAM_LENGTH: ['bad_url', 'A part of the path is longer than any id.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than 5 MiB. Send it in parts.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send a body with Content-Type: application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['empty_body', 'Content-Type says JSON, but there is no body.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['not_json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'The body is not as long as Content-Length says.'],
  ECONNRESET: ['bad_request', 'The connection closed before the body had arrived.'],
};

/** What went wrong, as a problem. What we did not foresee says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OperatingError) {
    if (error.code === 'firm_unknown') return new Problem('firm_unknown', error.message, { cause: error });
    if (error.code === 'data_folder_unwritable') {
      const detail =
        'The disk of this service is full or fails, so this is not saved for certain. Make room there, then send it again.';
      return new Problem('unavailable', detail, { cause: error });
    }
    if (error.retryable) return new Problem('unavailable', 'Try again in a moment.', { cause: error });
  }
  const known = frameworkCodes[codeOf(error) ?? ''];
  if (known !== undefined) return new Problem(known[0], known[1], { cause: error });
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 400) {
    return new Problem('bad_request', 'The request cannot be read.', { cause: error });
  }
  return new Problem('internal_error', 'The log of the service says more, under the id given as instance.', {
    cause: error,
  });
}

/**
 * Reads the parameters of a path, a query or a body by their schema. Throws the problem bad_parameter, which names every
 * mistake at once.
 */
export function parseParameters<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  place: 'path' | 'query' | 'headers' | 'body',
): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ code, path, message }) => {
    const what = path.join('.') || 'all of it';
    const isAlone = code === 'invalid_type' || code === 'invalid_value';
    return `${what}: ${place === 'query' && isAlone && isRepeated(value, what) ? 'is given more than once' : message}`;
  });
  throw new Problem('bad_parameter', `In the ${place}: ${mistakes.join('; ')}.`);
}

/** A query string gives a list for what it names several times. */
function isRepeated(query: unknown, name: string): boolean {
  if (typeof query !== 'object' || query === null) return false;
  return Object.entries(query).some(([key, given]) => key === name && Array.isArray(given));
}
