// Makes a delivery out of a sample: its body with what is overridden in it, as JSON or as a form, for an address.
import { flatFields } from '../providers/look.ts';
import { type Override, overridden } from './override.ts';
import type { Moment, Sample } from './sample.ts';
import type { Delivery } from './sign.ts';

/** Over HTTP, not signed yet. Throws usage for an override that names no place. */
export function deliveryOf(sample: Sample, moment: Moment, url: string, overrides: readonly Override[] = []): Delivery {
  const body = bodyOf(sample, moment, overrides);
  const type = sample.form === true ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = sample.form === true ? new URLSearchParams({ ...flatFields(body) }).toString() : JSON.stringify(body);
  const headers = { 'content-type': type, 'user-agent': 'signalfold-trigger', ...sample.headers?.(moment) };
  return { url, bytes: Buffer.from(text), headers };
}

/** As a value on Kafka, which is JSON also of what HTTP carries as a form. Throws as deliveryOf does. */
export function kafkaValueOf(sample: Sample, moment: Moment, overrides: readonly Override[]): Uint8Array {
  return Buffer.from(JSON.stringify(bodyOf(sample, moment, overrides)));
}

function bodyOf(sample: Sample, moment: Moment, overrides: readonly Override[]): unknown {
  const made: unknown = structuredClone(sample.body(moment));
  return overrides.reduce(overridden, made);
}
