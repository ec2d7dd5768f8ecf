// How many days a question reaches back, as a parameter.
import { z } from 'zod';
import { scannedDaysMax } from './firm-scan.ts';

const message = `must be a whole number from 1 to ${scannedDaysMax}`;

export function daysParameter(preset: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .default(String(preset))
    .transform(Number)
    .pipe(z.int().min(1, message).max(scannedDaysMax, message))
    .meta({ description: `How many local days, the last included, 1 to ${scannedDaysMax}.` });
}
