// Makes a delivery out of a sample: its body with what is overridden in it, as JSON or as a form, for an address.
import { flatFields } from '../providers/look.ts';
import { type Override, overridden } from './override.ts';
import type { Moment, Sample } from './sample.ts';
import type { Delivery } from './sign.ts';

/** Not signed yet. Throws usage for an override that names no place. */
export function deliveryOf(sample: Sample, moment: Moment, url: string, overrides: readonly Override[] = []): Delivery {
  const made: unknown = structuredClone(sample.body(moment));
  const body = overrides.reduce(overridden, made);
  const type = sample.form === true ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = sample.form === true ? new URLSearchParams({ ...flatFields(body) }).toString() : JSON.stringify(body);
  const headers = { 'content-type': type, 'user-agent': 'signalfold-trigger', ...sample.headers?.(moment) };
  return { url, bytes: Buffer.from(text), headers };
}
