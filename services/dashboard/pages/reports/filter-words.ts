// What an export is about, as a line of words.
import { useQuery } from '@tanstack/react-query';
import type { ExportJobWire } from '../../../query/wire.ts';
import { totalsQuery } from '../../api/overview.ts';
import { useFirm, useStart } from '../../frame/firm.tsx';
import { dateText } from '../../frame/format.ts';

/** "At Risk or Disengaged · Never logged in · clients of Ada Moss · as of 31 Oct 2026". */
export function useFilterWords({ filter, asOf }: Pick<ExportJobWire, 'filter' | 'asOf'>): string {
  const { firmId } = useFirm();
  const { labels } = useStart();
  const advisers = useQuery(totalsQuery({ firmId, adviser: null })).data?.facets.adviser ?? [];
  const nameOf = (id: string) => advisers.find((one) => one.id === id)?.name ?? id;
  const parts = [
    filter.rating?.map((one) => labels.rating[one]),
    filter.access?.map((one) => labels.accessFilter[one]),
    filter.adviser === undefined ? undefined : [`clients of ${filter.adviser.map(nameOf).join(' or ')}`],
    filter.name?.map((one) => `“${one}”`),
  ].flatMap((words) => (words === undefined ? [] : [words.join(' or ')]));
  const whom = parts.length === 0 ? 'All clients' : parts.join(' · ');
  return asOf === undefined ? whom : `${whom} · as of ${dateText(asOf.date)}`;
}
