// Events a second over the last minutes: what came in, and what went into the views.
import { useMemo } from 'react';
import type { Pipeline } from '../../../query/wire.ts';
import { categoryAxis, valueAxis } from '../../parts/chart/axes.ts';
import { Chart } from '../../parts/chart/chart.tsx';
import type { ChartOption, Tones } from '../../parts/chart/chart-drawing.tsx';
import { Panel } from '../../parts/panel.tsx';
import { clockTime, perSecond } from './words.ts';

const height = 200;
/** Of hundreds of measurements, a listener gets every tenth. */
const tableStep = 10;

type History = Pipeline['history'];

export function RatesPanel({ history }: { readonly history: History }) {
  const draw = useMemo(() => drawingOf(history), [history]);
  const table = useMemo(
    () => ({
      columns: ['At', 'Came in a second', 'Folded a second', 'Waiting'],
      rows: history
        .filter((_beat, index) => index % tableStep === 0)
        .map((beat) => [clockTime(beat.at), perSecond(beat.in), perSecond(beat.folded), beat.lag]),
    }),
    [history],
  );
  return (
    <Panel
      title="Events a second"
      note="The last five minutes, measured on the log every two seconds"
      className="wide"
      actions={
        <ul className="rates-key">
          <li>
            <span className="rates-in" aria-hidden="true" /> came in
          </li>
          <li>
            <span className="rates-folded" aria-hidden="true" /> went into views
          </li>
        </ul>
      }
    >
      {history.length < 2 ? (
        <p className="rates-none">Measuring began a moment ago; the line begins here in some seconds.</p>
      ) : (
        <Chart
          label="Events a second that came in, and that were folded into views"
          draw={draw}
          table={table}
          height={height}
        />
      )}
    </Panel>
  );
}

function drawingOf(history: History): (tones: Tones) => ChartOption {
  return (tones) => ({
    xAxis: {
      ...categoryAxis(
        tones,
        history.map(({ at }) => clockTime(at)),
      ),
      boundaryGap: false,
    },
    yAxis: { ...valueAxis(tones), min: 0 },
    animation: false,
    series: [
      {
        name: 'Came in',
        type: 'line',
        showSymbol: false,
        data: history.map((beat) => beat.in),
        lineStyle: { color: tones.accent, width: 1.5 },
        itemStyle: { color: tones.accent },
        areaStyle: { color: tones.accent, opacity: 0.12 },
      },
      {
        name: 'Went into views',
        type: 'line',
        showSymbol: false,
        data: history.map((beat) => beat.folded),
        lineStyle: { color: tones.ink, width: 1.5, type: 'dashed' },
        itemStyle: { color: tones.ink },
      },
    ],
  });
}
