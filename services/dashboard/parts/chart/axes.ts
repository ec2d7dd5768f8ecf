// The axes of our charts: quiet lines and small words in the tones of the page.
import type { Tones } from './tones.ts';

/** Of names in a row; those that have no room are left out. */
export function categoryAxis({ line, faint }: Tones, names: readonly string[]) {
  return {
    type: 'category' as const,
    data: [...names],
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: faint, hideOverlap: true },
  };
}

export function valueAxis({ line, faint }: Tones) {
  return {
    type: 'value' as const,
    splitNumber: 3,
    splitLine: { lineStyle: { color: line } },
    axisLabel: { color: faint },
  };
}
