// What is shown as a file: an export of everybody who matches, made by the service, so that it is whole however long the
// list is, and reads like every other export: in the order of client ids, so that two can be compared line by line.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { downloadExport, readExport, startExport } from '../../api/exports.ts';
import { useFirm } from '../../frame/firm.tsx';
import { counted, percent } from '../../frame/format.ts';
import { Button } from '../../parts/button.tsx';
import type { ListState } from './list-fields.ts';

const pollMs = 400;

type CsvButtonProps = { readonly state: ListState; readonly total: number | null };

export function CsvButton({ state, total }: CsvButtonProps) {
  const { firmId } = useFirm();
  const [progress, setProgress] = useState<number | null>(null);
  const make = useMutation({
    mutationFn: async () => {
      const wish = { report: 'portal-engagement', format: 'csv', filter: filterOf(state) } as const;
      const { id } = await startExport(firmId, wish);
      await untilDone(firmId, id, setProgress);
      await downloadExport(firmId, id);
    },
    onSettled: () => setProgress(null),
  });
  return (
    <div className="csv">
      <Button
        icon="download"
        disabled={make.isPending || total === 0}
        onClick={() => make.mutate()}
        title={total === null ? undefined : `A CSV of ${counted(total, 'client')}, in the order of their ids`}
      >
        {make.isPending ? `Writing ${progress === null ? '…' : percent(progress, 1)}` : 'Export CSV'}
      </Button>
      <span role="status" className="csv-said">
        {make.isError ? `${make.error.message}` : ''}
      </span>
    </div>
  );
}

/** Rejects when it fails; `tell` hears of the progress, 0 to 1. */
async function untilDone(firmId: string, id: string, tell: (progress: number) => void): Promise<void> {
  const { signal } = new AbortController();
  for (;;) {
    const { status, progress, error } = await readExport(firmId, id, signal);
    if (status === 'done') return;
    if (status === 'failed' || status === 'erased') throw new Error(error ?? 'The export did not finish. Try again.');
    tell(progress);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function filterOf({ name, rating, access, adviser, type, status }: ListState) {
  return {
    ...(name.length > 0 ? { name: [...name] } : {}),
    ...(rating.length > 0 ? { rating: [...rating] } : {}),
    ...(access.length > 0 ? { access: [...access] } : {}),
    ...(adviser.length > 0 ? { adviser: [...adviser] } : {}),
    ...(type.length > 0 ? { type: [...type] } : {}),
    ...(status !== 'all' ? { status: [status] } : {}),
  };
}
