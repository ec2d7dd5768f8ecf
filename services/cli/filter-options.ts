// Filters of the command line, read as the API reads them.
import { ExportFilter } from '../core/export-job.ts';
import type { ClientFilter } from '../core/filter.ts';
import { OperatingError } from '../runtime/errors.ts';

export type FilterOptions = {
  readonly name?: string;
  readonly adviser?: string;
  readonly access?: string;
  readonly rating?: string;
};

/** Throws an OperatingError (usage) that names every mistake. */
export function filterOf({ name, adviser, access, rating }: FilterOptions): ClientFilter {
  const parsed = ExportFilter.safeParse({ name, adviser, access, rating });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `--${issue.path[0]?.toString() ?? ''}: ${issue.message}`);
  throw new OperatingError('usage', mistakes.join('; '));
}
