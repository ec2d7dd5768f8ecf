// What every answer tells browsers to be careful with, as helmet words it. Found once, because none of it depends on the
// request: @fastify/helmet words it anew for each, and with it two megabytes of requests outlived every collection.
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';

const options: HelmetOptions = {
  // Pages have a wider policy of their own.
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
  },
  // Whoever ends TLS in front of us decides on this.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
};

/** By name, in lower case. */
export function securityHeaders(): OutgoingHttpHeaders {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(response.req, response, (error) => {
    if (error !== undefined) throw error;
  });
  return { ...response.getHeaders() };
}
