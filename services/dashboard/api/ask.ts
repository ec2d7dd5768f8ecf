// One request to the API, and what is said when it fails: what happened, and what to do about it.
import { freshToken, signOut } from '../frame/session.ts';
import { requestOf } from './request.ts';

/** Why there is no answer. `code` as the API has it, or `unreachable`. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;

  constructor({ code, status, title, detail }: ProblemText) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.title = title;
  }

  /** It may pass by itself: also what a proxy in between answers while the service starts. */
  get mayPass(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

type ProblemText = { readonly code: string; readonly status: number; readonly title: string; readonly detail: string };

export type Ask = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: URLSearchParams;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Answered to everybody: no token goes along, and none is renewed for it. */
  readonly isOpen?: boolean;
};

/** A path of the API with its parts encoded: path`/v1/firms/${firmId}/clients`. */
export function path(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(parts[index] ?? '')).join('');
}

/**
 * The answer as JSON. Its type is the one the API's own contract is made from, and page and API are of one version, so it
 * is believed. Throws an ApiProblem; an aborted request throws as fetch does.
 */
export async function ask<Answer>(where: string, options: Ask = {}): Promise<Answer> {
  const reply = await send(where, options);
  return reply.json();
}

/** The answer as it comes, for streams and files. Throws an ApiProblem. */
export async function send(
  where: string,
  { method = 'GET', query, body, headers, signal, isOpen = false }: Ask = {},
): Promise<Response> {
  const token = isOpen ? null : await freshToken();
  const search = query === undefined || query.size === 0 ? '' : `?${query}`;
  const request = requestOf({ method, token, body, headers: { accept: 'application/json', ...headers }, signal });
  const reply = await fetch(where + search, request).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiProblem({
      code: 'unreachable',
      status: 0,
      title: 'The service does not answer.',
      detail: 'It may be starting, or the network is down. This page tries again by itself.',
    });
  });
  if (reply.ok) return reply;
  const problem = new ApiProblem(await problemOf(reply));
  // Also in the middle of work, when a token has run out.
  if (problem.status === 401) signOut(token === null ? null : problem.message);
  throw problem;
}

async function problemOf(reply: Response): Promise<ProblemText> {
  const { status } = reply;
  const told: unknown = await reply.json().catch(() => null);
  const said = typeof told === 'object' && told !== null ? told : {};
  return {
    status,
    code: textAt(said, 'code') ?? 'unknown',
    title: textAt(said, 'title') ?? `The service answered with ${status}.`,
    detail: textAt(said, 'detail') ?? 'Something between this page and the service may have answered in its place.',
  };
}

function textAt(said: object, name: string): string | null {
  const found = Object.entries(said).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : null;
}
