import type { GpuPrecision } from '../core/device.ts';
import { selfTestWeights } from '../core/selfTest.ts';
import { GRAPH_PATH, type GraphFiles, selfTestGraph } from './selfTestGraph.ts';

export const path = GRAPH_PATH;

export const selfTest = (precision: GpuPrecision): GraphFiles => selfTestGraph(selfTestWeights(), precision);

export { speedGraph as speed } from './speedGraph.ts';
