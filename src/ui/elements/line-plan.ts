import { colourOf } from '../styles/series-colours.ts';
import type { Plan } from './chart.ts';

/** More lines than these nobody tells apart. */
export const MAX_LINES = 6;
/** Between labels below the axis: as wide as a date. */
const LABEL_PX = 84;
const ONE_ROW_PX = 26;
const TWO_ROWS_PX = 40;
/** Of more the dots would be a band. */
const MAX_DOTS = 100;

export interface DrawnPoint {
  /** Place on the axis, from 0. */
  readonly slot: number;
  readonly value: number;
}
export type DrawnLine = readonly DrawnPoint[];

/** Columns for a chart: the places, and each line's value there. */
export function lineData(lines: readonly DrawnLine[], slots: number): Array<Array<number | null>> {
  const columns = lines.map((line) => {
    const column: Array<number | null> = Array.from({ length: slots }, () => null);
    for (const { slot, value } of line) column[slot] = value;
    return column;
  });
  return [Array.from({ length: slots }, (_, slot) => slot), ...columns];
}

/**
 * Lines over places one beside the other, as far from each other whatever time lies between: what was measured in one evening is not one stroke.
 * @param labels of the places, in two rows at most; of neighbours with one label the first has it
 * @param top of the values, with what stands out of them
 */
export const linePlan =
  (lines: readonly DrawnLine[], labels: readonly string[], top: number, format: (value: number) => string): Plan =>
  ({ axis, grid }) => ({
    scales: {
      x: { time: false, range: () => [-0.5, Math.max(labels.length, 2) - 0.5] },
      y: { range: () => [0, Math.max(top, 0.001)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: labels.some((label) => label.includes('\n')) ? TWO_ROWS_PX : ONE_ROW_PX,
        space: LABEL_PX,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
        values: (_chart, ticks) => ticks.map((tick, i) => (labels[tick] === labels[ticks[i - 1] ?? -1] ? '' : (labels[tick] ?? ''))),
      },
      { ...axis, size: 56, space: 32, grid, values: (_chart, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map((line, i) => ({
        stroke: colourOf(i),
        width: 2,
        spanGaps: true,
        points: { show: line.length < MAX_DOTS, size: 7, fill: colourOf(i) },
      })),
    ],
  });
