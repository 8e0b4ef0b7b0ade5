import type { Speed, SpeedPath } from './device.ts';
import type { ExecutionDevice, Variant } from './manifest.ts';

/** Ways to store weights that are timed. */
export type SpeedFormat = 'int8' | 'q4' | 'q4f16' | 'fp16';

/**
 * Two graphs for each way: many products that are too small to matter, for what a step costs whatever it computes (on a GPU most of a small
 * model's time), and large ones of matrices that together do not fit in a cache, for how fast weights are read. One token, as in decoding.
 *
 * What comes of a GPU takes milliseconds to arrive, in which it reads more than a few matrices have: there the large products are as many as the small
 * ones, over the same matrices again and again, so that the difference is nothing but reading. A processor answers at once, and is not kept so long.
 */
const STEPS = 48;
const MATRICES = 3;

export type SpeedGraph = 'steps' | 'weights';

/** Square products in a row: how many, how wide, and of how many matrices. */
export interface SpeedShape {
  readonly layers: number;
  readonly width: number;
  readonly matrices: number;
}

export const speedShape = (which: SpeedGraph, device: ExecutionDevice): SpeedShape =>
  which === 'steps'
    ? { layers: STEPS, width: 64, matrices: STEPS }
    : { layers: device === 'webgpu' ? STEPS : MATRICES, width: 2048, matrices: MATRICES };

/** A device that timed in another way times again. */
export const SPEED_METHOD = 2;

/** Long enough for ten runs on a telephone, short enough for nobody to wait for. */
export const SPEED_RUN_MS = 250;

/**
 * @param runMs of each graph, the first run of each left out
 * @returns nothing where a graph was too slow to be run a second time in its time
 */
export function speedOf(runMs: Readonly<Record<SpeedGraph, readonly number[]>>, device: ExecutionDevice): Speed | undefined {
  const [steps, weights] = [median(runMs.steps), median(runMs.weights)];
  if (steps === undefined || weights === undefined) return undefined;
  const { layers, width } = speedShape('weights', device);
  // What the large graph's own steps take is in both figures; clocks of pages are coarse, so that little may be left.
  const readingMs = Math.max(weights - (steps * layers) / STEPS, weights / 10, 0.001);
  return { stepMs: steps, weightsPerSecond: (layers * width * width * 1000) / readingMs };
}

/** Which measurement speaks for a variant. None where its arithmetic is not timed. */
export function speedPathOf({ device, dtype }: Pick<Variant, 'device' | 'dtype'>): SpeedPath | undefined {
  if (device === 'wasm') return dtype === 'int8' || dtype === 'q8' ? 'wasm:int8' : dtype === 'q4' ? 'wasm:q4' : undefined;
  return dtype === 'q4' || dtype === 'q4f16' || dtype === 'fp16' ? `webgpu:${dtype}` : undefined;
}

/** How fast a model of so many weights would write, about. */
export const tokensPerSecond = ({ stepMs, weightsPerSecond }: Speed, parameters: number): number =>
  1000 / (stepMs + (parameters * 1000) / weightsPerSecond);

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
