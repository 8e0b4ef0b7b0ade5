import type { GpuPrecision } from '../core/device.ts';
import { type SelfTestInput, selfTestWeights } from '../core/selfTestWeights.ts';
import { GRAPH_PATH, type GraphFeed, type GraphFiles, selfTestFeeds, selfTestGraph } from './selfTestGraph.ts';

export const path = GRAPH_PATH;

export const selfTest = (precision: GpuPrecision): GraphFiles => selfTestGraph(selfTestWeights(), precision);

/** What to run it with, one call after the other. */
export const selfTestRuns = (precision: GpuPrecision, inputs: readonly SelfTestInput[]): ReadonlyArray<readonly GraphFeed[]> => {
  const weights = selfTestWeights();
  return inputs.map((input) => selfTestFeeds(weights, input, precision));
};

export { speedGraph as speed } from './speedGraph.ts';
