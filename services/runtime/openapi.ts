// The OpenAPI 3.1 description of the HTTP API, made from what each route says about itself.
import { z } from 'zod';
import type { AuthConfig } from './guard.ts';
import { discoveryUrl } from './issuer-keys.ts';
import type { Scope } from './principal.ts';
import { ProblemBody } from './problem.ts';

/** What a route says about itself, as `config: { doc }`. Method and path are taken from the route. */
export type RouteDoc = {
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** By media type. */
  readonly body?: Readonly<Record<string, z.ZodType>>;
  /** By status. Problems need not be listed. */
  readonly responses: Readonly<Record<number, Answer>>;
};

type Answer = {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly mediaType?: string;
};

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

export type DocumentedRoute = {
  readonly method: string;
  readonly url: string;
  /** What its caller needs; null: nothing. */
  readonly scope: Scope | null;
  readonly doc: RouteDoc;
};

/** Grows with the contract: the first number with /v2, the second with additions. */
const apiVersion = '1.0.0';

/** `auth`: how callers say who they are; null when nobody need. */
export function openApiOf(
  routes: readonly DocumentedRoute[],
  auth: AuthConfig | null,
): Readonly<Record<string, unknown>> {
  const schemes = schemesOf(auth);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const operations = paths[path] ?? {};
    operations[route.method.toLowerCase()] = operationOf(route, Object.keys(schemes));
    paths[path] = operations;
  }
  return {
    openapi: '3.1.1',
    info: { title: 'signalfold', version: apiVersion, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: schemaOf(ProblemBody) },
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

/** What any route with a scope may answer where callers must say who they are. */
const refusals = {
  Unauthenticated: {
    description: 'No key or token came along, or it does not count.',
    headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
    content: problem,
  },
  Forbidden: { description: 'The key or token lacks the scope.', content: problem },
  TooManyRequests: {
    description: 'Too many requests in a minute.',
    headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds to wait.' } },
    content: problem,
  },
};

const refused = {
  401: { $ref: '#/components/responses/Unauthenticated' },
  403: { $ref: '#/components/responses/Forbidden' },
  429: { $ref: '#/components/responses/TooManyRequests' },
};

/** `schemes`: by name, the ways to say who calls. */
function operationOf(
  { method, url, scope, doc }: DocumentedRoute,
  schemes: readonly string[],
): Readonly<Record<string, unknown>> {
  const guarded = scope !== null && schemes.length > 0;
  const parameters = [...parametersOf(doc.params, 'path'), ...parametersOf(doc.query, 'query')];
  const responses: Record<string, unknown> = {
    default: { description: 'A problem; its code tells which.', content: problem },
    ...(guarded ? refused : {}),
  };
  for (const [status, answer] of Object.entries(doc.responses)) {
    const content =
      answer.schema === undefined
        ? {}
        : { [answer.mediaType ?? 'application/json']: { schema: schemaOf(answer.schema) } };
    responses[status] = {
      description: answer.description,
      content: Number(status) < 400 ? content : { ...content, ...problem },
    };
  }
  return {
    operationId: `${method.toLowerCase()}${url.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(doc.body === undefined ? {} : { requestBody: { required: true, content: contentOf(doc.body) } }),
    responses,
    // Any one of them will do; each with that scope.
    security: guarded ? schemes.map((scheme) => ({ [scheme]: [scope] })) : [],
  };
}

function contentOf(body: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, { schema: schemaOf(schema) }]));
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): readonly unknown[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(z.object({ [name]: field }), {}).success,
    schema: schemaOf(z.object({ [name]: field }), name),
  }));
}

/** As it is sent over the wire; fields we may add later are allowed. With `property`, of that property alone. */
function schemaOf(schema: z.ZodType, property?: string): unknown {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return property === undefined ? json : (json.properties?.[property] ?? {});
}
