// Unpacks gzip request bodies, never to more than the limit, whatever they claim to hold.
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyRequest, RequestPayload } from 'fastify';
import { codeOf } from './errors.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** A packed body as it came, where the route has to see its bytes; null where it was not packed. */
    packedBody: Buffer | null;
  }
}

const gunzipAll = promisify(gunzip);

/**
 * A preParsing hook. Reads a gzip body whole (at most `bytesMax` packed) and unpacks it (at most `bytesMax` unpacked);
 * zlib stops at the limit, so a bomb costs neither memory nor time. Other encodings are refused.
 */
export async function unpackBody(request: FastifyRequest, payload: RequestPayload, bytesMax: number) {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') return payload;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new Problem('unsupported_encoding', 'Send the body as it is, or with Content-Encoding: gzip.');
  }
  const packed = await readAll(payload, bytesMax);
  if (request.routeOptions.config.signed === true) request.packedBody = packed;
  let body: Buffer;
  try {
    body = await gunzipAll(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw new Problem('bad_encoding', 'Content-Encoding says gzip, but the body is not complete gzip.', {
      cause: error,
    });
  }
  // The framework compares this length with Content-Length.
  return Object.assign(Readable.from(body.length === 0 ? [] : [body]), { receivedEncodedLength: packed.length });
}

async function readAll(payload: RequestPayload, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The stream is left open on early exit: destroying it would close the socket before the answer is out.
  for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a request body must come as bytes');
    length += chunk.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(
    'too_large',
    `The body is larger than ${bytesMax / 2 ** 20} MiB, packed or unpacked. Send it in parts.`,
  );
}
