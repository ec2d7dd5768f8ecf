// The drawing of a chart by echarts, of which only what our charts are made of is brought along. On a canvas, because
// the page's policy forbids the inline styles that its other ways of drawing would write.
import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  GridComponent,
  type GridComponentOption,
  MarkLineComponent,
  type MarkLineComponentOption,
  TooltipComponent,
  type TooltipComponentOption,
} from 'echarts/components';
import { type ComposeOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useIsDark } from '../../frame/theme.ts';
import { readTones, type Tones } from './tones.ts';

export type { Tones };
export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption | MarkLineComponentOption
>;

use([BarChart, LineChart, GridComponent, TooltipComponent, MarkLineComponent, CanvasRenderer]);

type DrawingProps = {
  readonly draw: (tones: Tones) => ChartOption;
  readonly height: number;
  readonly onChoose?: (index: number) => void;
};

export default function ChartDrawing({ draw, height, onChoose }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const isDark = useIsDark();

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = init(element);
    chart.current = made;
    const resized = new ResizeObserver(() => made.resize());
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other tones.
  useEffect(() => {
    const tones = readTones();
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    chart.current?.setOption({ ...frameOf(tones), animation: !still, animationDuration: 250, ...draw(tones) }, true);
  }, [draw, isDark]);

  useEffect(() => {
    const made = chart.current;
    if (made === null || onChoose === undefined) return undefined;
    const choose = ({ dataIndex }: { dataIndex?: number }) => {
      if (dataIndex !== undefined) onChoose(dataIndex);
    };
    made.on('click', choose);
    return () => {
      made.off('click', choose);
    };
  }, [onChoose]);

  return <div ref={place} style={{ height }} aria-hidden="true" />;
}

/** What all our charts have in common. */
function frameOf(tones: Tones): ChartOption {
  const text = { color: tones.soft, fontFamily: tones.font, fontSize: 12 };
  return {
    textStyle: text,
    grid: { left: 4, right: 4, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      // As text on the canvas: markup with styles of its own is against the page's policy.
      renderMode: 'richText',
      confine: true,
      backgroundColor: tones.raised,
      borderColor: tones.line,
      textStyle: { ...text, color: tones.ink },
    },
  };
}
