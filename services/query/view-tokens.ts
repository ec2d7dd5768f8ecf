// POST …/view-tokens: a firm's back end asks for what its pages read tiles with, so that no key stands in a page.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ClientId } from '../core/ids.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import { readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { ViewTokens } from '../runtime/view-tokens.ts';
import { FirmPlace } from './places.ts';

const clientsMax = 200;
const [minutesMin, minutesPreset, minutesMax] = [1, 10, 60];

const ViewTokenRequest = z.strictObject({
  adviserId: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: "This adviser's clients alone; else all that the caller may see." }),
  clientIds: z
    .array(ClientId)
    .min(1)
    .max(clientsMax)
    .optional()
    .meta({ description: `These clients alone, 1 to ${clientsMax}; they need not exist.` }),
  minutes: z
    .int()
    .min(minutesMin)
    .max(minutesMax)
    .default(minutesPreset)
    .meta({ description: 'How long it lives; no longer than what the caller came with.' }),
});

const ViewTokenWire = z
  .object({ token: z.string(), expiresAt: z.string().meta({ format: 'date-time' }) })
  .meta({ id: 'ViewToken' });

export function registerViewTokens(server: FastifyInstance, { viewTokens }: { readonly viewTokens: ViewTokens }): void {
  server.post(
    '/v1/firms/:firmId/view-tokens',
    {
      config: {
        scope: 'read',
        audit: 'view-token.make',
        doc: {
          id: 'makeViewToken',
          summary: 'A token for a page that shows tiles',
          description:
            'For the elements of /elements.js, and whatever else shows tiles in a browser: the back end asks with its key and ' +
            'gives the token to its page. It opens …/clients/batch and …/changes of this firm and nothing else, never ' +
            'more than its maker sees, and counts as its maker in limits and in the audit log.',
          problems: ['forbidden'],
          params: FirmPlace,
          body: { 'application/json': ViewTokenRequest },
          responses: { 200: { description: 'Send it as "Authorization: Bearer".', schema: ViewTokenWire } },
        },
      },
    },
    async (request): Promise<z.infer<typeof ViewTokenWire>> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book } = readerOf(request, firmId);
      const { adviserId = book, clientIds = null, minutes } = parseParameters(ViewTokenRequest, request.body, 'body');
      if (book !== null && adviserId !== book) {
        throw new Problem(
          'forbidden',
          `${request.principal.id} sees one adviser's clients, and this asks for another's.`,
        );
      }
      const made = await viewTokens.make(request.principal, { firmId, book: adviserId, clientIds, minutes });
      noteAudit(request, { view: made.id });
      return { token: made.token, expiresAt: formatInstant(made.expiresAt) };
    },
  );
}
