import { join } from 'node:path';
import { LOUDNESS_OUTPUT } from '../../src/core/making.ts';
import { prefillBlocks } from '../../src/core/prefill.ts';
import type { GgufModel } from '../../src/forge/gguf/ggufModel.ts';
import { headDim } from '../../src/forge/llama.ts';
import { EMPTY, logProbability, OrtLlama, type Past } from '../evaluate/ortLlama.ts';
import { GRAPH_NAMES, type GraphDtype } from './writeGraph.ts';

/** A graph as `writeGraph` leaves it. */
export const loadGraph = (folder: string, dtype: GraphDtype, { config }: GgufModel): Promise<OrtLlama> =>
  OrtLlama.load(join(folder, GRAPH_NAMES[dtype]), { heads: config.kvHeads, headDim: headDim(config) });

export interface GraphScore {
  /** Mean negative log-likelihood of a token but the first, in nats. */
  readonly nll: number;
  /** Of a graph that listens, as `LOUDNESS_OUTPUT` has it; else empty. */
  readonly loudness: Float32Array;
}

/** Read in the blocks in which the app reads a prompt. */
export async function scoreGraph(llama: OrtLlama, ids: readonly number[], sinkTokens: readonly number[] = []): Promise<GraphScore> {
  const cuts = { sinkTokens: new Set(sinkTokens), turnEnds: new Set<number>(), lead: [] };
  let sum = 0;
  let past: Past = EMPTY;
  let loudness = new Float32Array();
  for (const block of prefillBlocks(ids.slice(0, -1), cuts)) {
    const { logits, past: next } = await llama.run(block, past, 0);
    for (const [i, scores] of logits.entries()) sum -= logProbability(scores, ids[past.length + i + 1] ?? Number.NaN);
    past = next;
    const heard = next.tensors[LOUDNESS_OUTPUT]?.data;
    if (heard instanceof Float32Array) loudness = heard.map((each, i) => Math.max(each, loudness[i] ?? 0));
  }
  return { nll: sum / (ids.length - 1), loudness };
}
