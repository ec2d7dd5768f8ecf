// Who may call: keys where they are configured, and on loopback only pages and hosts of this machine.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './config.ts';
import { Problem } from './problem.ts';

/**
 * Against DNS rebinding and cross-site requests to an API that listens on loopback: the Host header must name loopback
 * (an attacker's page comes under the attacker's name), and Origin, which browsers send with every cross-site write,
 * must be that same host. Throws the problem to answer with.
 */
export function checkHost(headers: IncomingHttpHeaders): void {
  const host = headers.host ?? '';
  const name = host.replace(/:\d{1,5}$/, '');
  // `::1` without brackets is no valid Host.
  if (!isLoopback(name) || name === '::1') {
    throw new Problem('host_forbidden', 'This service answers on loopback only: use localhost, 127.0.0.1 or [::1].');
  }
  const origin = headers.origin;
  if (origin === undefined) return;
  const ours = host.toLowerCase();
  if (origin.toLowerCase() !== `http://${ours}` && origin.toLowerCase() !== `https://${ours}`) {
    throw new Problem('origin_forbidden', 'Only pages served from this very address may call it.');
  }
}

/** Answers a check of the Authorization header against SHA-256 hashes (hex) of the keys; the check throws. */
export function keyCheck(hashes: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const known = hashes.map((hash) => Buffer.from(hash, 'hex'));
  return (headers) => {
    const token = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1];
    const presented = createHash('sha256')
      .update(token ?? '')
      .digest();
    // Every hash is compared, and in constant time, so that the time tells nothing about the keys.
    const matches = known.filter((hash) => timingSafeEqual(hash, presented)).length;
    if (token !== undefined && matches > 0) return;
    const detail = token === undefined ? 'Send "Authorization: Bearer <key>".' : 'This key is not known here.';
    throw new Problem('unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer realm="signalfold"' } });
  };
}
