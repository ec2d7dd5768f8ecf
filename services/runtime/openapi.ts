// The OpenAPI 3.1 description of the HTTP API, made from what each route says about itself.
import { z } from 'zod';
import type { AuthConfig } from './config-auth.ts';
import { discoveryUrl } from './issuer-keys.ts';
import type { Scope } from './principal.ts';
import { ProblemBody, type ProblemCode, problemCodes } from './problem.ts';

/** What a route says about itself, as `config: { doc }`. Method and path are taken from the route. */
export type RouteDoc = {
  /** Names the operation in generated clients: it never changes. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** By name in lower case; only what is ours. */
  readonly headers?: z.ZodObject;
  /** By media type. */
  readonly body?: Readonly<Record<string, z.ZodType>>;
  /** By status. Problems need not be listed. */
  readonly responses: Readonly<Record<number, Answer>>;
  /** What this route alone answers; what follows from its parameters and its body is known. */
  readonly problems?: readonly ProblemCode[];
};

type Answer = {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly mediaType?: string;
};

export type DocumentedRoute = {
  readonly method: string;
  readonly url: string;
  /** What its caller needs; null: nothing. */
  readonly scope: Scope | null;
  /** Whether a view token will do. */
  readonly view: boolean;
  readonly doc: RouteDoc;
};

export type JsonSchema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;
type Reference = { readonly $ref: string };

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
};

export type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Content;
};

export type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Response | Reference>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
};

export type Contract = {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>> & { readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
};

/** Grows with the contract: the first number with /v2, the second with additions. */
export const apiVersion = '1.1.0';

const about =
  'Which clients are engaged, at a glance and with proof. JSON is camelCase, query parameters are snake_case, times are ' +
  'RFC 3339. Fields may be added: ignore those you do not know. Errors are RFC 9457 problems with a stable `code`. Where ' +
  'a key or a token is asked for, it is sent as `Authorization: Bearer …`; what its holder may not see is answered ' +
  'exactly like what does not exist.';

/** By the first that fits a path. */
const tags = [
  {
    name: 'Clients',
    path: /\/(clients|what-if|changes|activity|movements)\b/,
    description: 'Cards, lists, tiles, timelines, activity, changes.',
  },
  { name: 'Pages', path: /\/view-tokens$/, description: 'What pages of your own need to show tiles.' },
  { name: 'Exports', path: /\/exports\b/, description: 'A firm as a file.' },
  { name: 'Settings', path: /\/settings$/, description: 'What a firm can set.' },
  { name: 'Readers', path: /^\/v1\/(me|firms|sign-in)$/, description: 'Who calls, and which firms that is about.' },
  { name: 'Events', path: /^\/v1\/(?!dead-letters|pipeline)/, description: 'What happened, sent in.' },
  { name: 'Operation', path: /./, description: 'Health, figures, dead letters.' },
] as const;

const problem: Content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** `auth`: how callers say who they are; null when nobody need. */
export function openApiOf(routes: readonly DocumentedRoute[], auth: AuthConfig | null): Contract {
  const schemes = schemesOf(auth);
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const operations = paths[path] ?? {};
    operations[route.method.toLowerCase()] = operationOf(route, Object.keys(schemes), schemas);
    paths[path] = operations;
  }
  schemas['Problem'] = schemaOf(ProblemBody, schemas);
  return {
    openapi: '3.1.1',
    info: {
      title: 'signalfold',
      version: apiVersion,
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: tags.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1))),
      responses: refusals,
      securitySchemes: schemes,
    },
  };
}

/** Both are sent as "Authorization: Bearer". */
function schemesOf(auth: AuthConfig | null): Readonly<Record<string, unknown>> {
  if (auth === null) return {};
  const { keys, oidc } = auth;
  const url = oidc === null ? '' : discoveryUrl(oidc.issuer);
  return {
    ...(keys.length > 0 ? { key: { type: 'http', scheme: 'bearer', description: 'A key of a machine.' } } : {}),
    ...(oidc === null ? {} : { token: { type: 'openIdConnect', openIdConnectUrl: url } }),
  };
}

const retryAfter = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds to wait.' } };

/** What any route with a scope may answer where callers must say who they are. */
const refusals = {
  Unauthenticated: {
    description: `${wordsOf(['unauthenticated'])} None came along, or it does not count.`,
    headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
    content: problem,
  },
  Forbidden: { description: `${wordsOf(['forbidden'])} It lacks the scope.`, content: problem },
  TooManyRequests: { description: wordsOf(['too_many_requests']), headers: retryAfter, content: problem },
};

const refused = {
  401: { $ref: '#/components/responses/Unauthenticated' },
  403: { $ref: '#/components/responses/Forbidden' },
  429: { $ref: '#/components/responses/TooManyRequests' },
};

/** `schemes`: by name, the ways to say who calls. Schemas with a name are put into `schemas`. */
function operationOf(
  { method: _, url, scope, view, doc }: DocumentedRoute,
  schemes: readonly string[],
  schemas: Record<string, JsonSchema>,
): Operation {
  const guarded = scope !== null && schemes.length > 0;
  const parameters = [
    ...parametersOf(doc.params, 'path', schemas),
    ...parametersOf(doc.query, 'query', schemas),
    ...parametersOf(doc.headers, 'header', schemas),
  ];
  const needed = guarded ? `Needs the scope \`${scope}\`${view ? ', or a view token' : ''}.` : '';
  const description = [doc.description ?? '', needed].filter((text) => text !== '').join(' ');
  return {
    operationId: doc.id,
    tags: [tags.find(({ path }) => path.test(url))?.name ?? ''],
    summary: doc.summary,
    ...(description === '' ? {} : { description }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(doc.body === undefined ? {} : { requestBody: { required: true, content: contentOf(doc.body, schemas) } }),
    responses: responsesOf(url, doc, guarded, schemas),
    // Any one of them will do; each with that scope.
    security: guarded ? schemes.map((scheme) => ({ [scheme]: [scope] })) : [],
  };
}

function responsesOf(
  url: string,
  doc: RouteDoc,
  guarded: boolean,
  schemas: Record<string, JsonSchema>,
): Operation['responses'] {
  const responses: Record<string, Response | Reference> = {};
  for (const [status, answer] of Object.entries(doc.responses)) {
    const mediaType = answer.mediaType ?? 'application/json';
    const content = answer.schema === undefined ? {} : { [mediaType]: { schema: schemaOf(answer.schema, schemas) } };
    responses[status] = { description: answer.description, content };
  }
  for (const [status, codes] of codesByStatus(url, doc)) {
    const known = responses[status];
    const described = known !== undefined && 'description' in known ? known : { description: '', content: {} };
    responses[status] = {
      description: `${described.description} ${wordsOf(codes)}`.trim(),
      ...(status === '503' ? { headers: retryAfter } : {}),
      content: { ...described.content, ...problem },
    };
  }
  return {
    ...responses,
    ...(guarded ? refused : {}),
    default: { description: 'Another problem; its code tells which.', content: problem },
  };
}

/** The codes a caller may expect of a route, by status. */
function codesByStatus(url: string, doc: RouteDoc): ReadonlyMap<string, readonly ProblemCode[]> {
  const codes: ProblemCode[] = [];
  if (doc.params !== undefined || doc.query !== undefined || doc.body !== undefined) codes.push('bad_parameter');
  if (doc.params !== undefined) codes.push('bad_url');
  if (url.includes(':firmId')) codes.push('firm_unknown');
  codes.push(...(doc.problems ?? []));
  if (doc.body !== undefined) {
    codes.push('empty_body', 'not_json', 'bad_encoding', 'too_large');
    codes.push('unsupported_media_type', 'unsupported_encoding');
  }
  if (url.startsWith('/v1/')) codes.push('unavailable');
  const found = new Map<string, ProblemCode[]>();
  for (const code of codes) {
    const status = String(problemCodes[code].status);
    found.set(status, [...(found.get(status) ?? []), code]);
  }
  return found;
}

function wordsOf(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `\`${code}\`: ${problemCodes[code].title}`).join(' ');
}

function contentOf(body: Readonly<Record<string, z.ZodType>>, schemas: Record<string, JsonSchema>): Content {
  return Object.fromEntries(
    Object.entries(body).map(([type, schema]) => [type, { schema: schemaOf(schema, schemas) }]),
  );
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: Parameter['in'],
  schemas: Record<string, JsonSchema>,
): readonly Parameter[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...json } = schemaOf(z.object({ [name]: field }), schemas, name);
    return {
      name,
      in: place,
      required: place === 'path' || !z.safeParse(z.object({ [name]: field }), {}).success,
      ...(typeof description === 'string' ? { description } : {}),
      schema: json,
    };
  });
}

/**
 * As it is sent over the wire; fields we may add later are allowed. With `property`, of that property alone. What has a
 * name stands in `schemas`, and is referred to.
 */
function schemaOf(schema: z.ZodType, schemas: Record<string, JsonSchema>, property?: string): JsonSchema {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _, $defs = {}, ...json } = Made.parse(JSON.parse(text));
  Object.assign(schemas, $defs);
  return property === undefined ? json : (json.properties?.[property] ?? {});
}

const AnySchema = z.record(z.string(), z.unknown());
const Made = z.looseObject({
  $defs: z.record(z.string(), AnySchema).optional(),
  properties: z.record(z.string(), AnySchema).optional(),
});
