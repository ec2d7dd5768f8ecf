// A chart: loaded when it is first shown, drawn in the page's own colours, with its figures as a table for whoever does
// not see it.
import { lazy, type ReactNode, Suspense, useId } from 'react';
import { Skeleton } from '../states.tsx';
import type { ChartOption, Tones } from './chart-drawing.tsx';
import './chart.css';

const ChartDrawing = lazy(() => import('./chart-drawing.tsx'));

type ChartProps = {
  /** What it shows, in a sentence. */
  readonly label: string;
  /** Must be the same function while nothing changes. Animations are off where the reader wants none. */
  readonly draw: (tones: Tones) => ChartOption;
  /** The same figures, for screen readers and for whoever asks for them. */
  readonly table: { readonly columns: readonly string[]; readonly rows: readonly (readonly ReactNode[])[] };
  readonly height: number;
  /** Called with the position in the first series that was clicked. The same must be reachable by keyboard elsewhere. */
  readonly onChoose?: (index: number) => void;
};

export function Chart({ label, draw, table, height, onChoose }: ChartProps) {
  const id = useId();
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id} className="unseen">
        {label}
      </figcaption>
      <Suspense fallback={<Skeleton className={`chart-waiting chart-waiting-${height > 160 ? 'tall' : 'low'}`} />}>
        <ChartDrawing draw={draw} height={height} {...(onChoose === undefined ? {} : { onChoose })} />
      </Suspense>
      <div className="unseen">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are in the order of what is shown.
              <tr key={index}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: likewise.
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
