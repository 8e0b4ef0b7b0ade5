/**
 * What several requests cost in one call of the graph beside as many calls, and whether they keep their numbers: ONNX Runtime Web's plain build, in
 * Node. Not int8: it quantises the activations of a call together, and `DynamicQuantizeMatMul` refuses a dimension of requests besides.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import { createRandom } from '../src/core/random.ts';
import { ExternalData } from '../src/forge/externalData.ts';
import type { LlamaConfig } from '../src/forge/llama.ts';
import { buildLlama } from '../src/forge/llamaGraph.ts';
import { fp32, q4, type WeightFormat } from '../src/forge/weightFormats.ts';
import { decoderGraph } from '../src/runtime/decoderGraph.ts';
import { randomWeights, TINYLLAMA_SHAPE } from './gigabyte/shape.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { spreadOf } from './measure/ratios.ts';
import { machineLines } from './report.ts';

/** Of stories15M. */
const SHAPE: LlamaConfig = {
  ...TINYLLAMA_SHAPE,
  ...{ dim: 288, hidden: 768, layers: 6, heads: 6, kvHeads: 6, vocab: 32_000, context: 256 },
};
const FORMATS: Readonly<Record<string, WeightFormat>> = { fp32, q4 };
const SIZES = [1, 2, 4] as const;
/** In the cache of each request. */
const PAST = 64;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '60' },
    formats: { type: 'string', default: 'fp32,q4' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});

const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
ort.env.wasm.wasmPaths = `${folder}/`;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const machine = describeMachine(`Node ${process.version}`);
console.log(machineLines(machine));
const found = [];
for (const name of options.formats.split(',')) {
  const format = FORMATS[name];
  if (!format) throw new Error(`--formats takes ${Object.keys(FORMATS).join(', ')}`);
  found.push({ format: name, ...(await measure(name, format)) });
}
if (options.json !== undefined) {
  await mkdir(dirname(options.json), { recursive: true });
  const kept = { date: new Date().toISOString(), machine, note: options.note, loadAverage: loadAverage(), threads: 1, shape: SHAPE, found };
  await writeFile(options.json, `${JSON.stringify(kept, undefined, 1)}\n`);
}

async function measure(name: string, format: WeightFormat) {
  const parts: Uint8Array[] = [];
  const data = new ExternalData('weights', (bytes) => parts.push(bytes.slice()));
  const graph = buildLlama(SHAPE, randomWeights(SHAPE), format, data);
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: ['wasm'],
    externalData: [{ path: 'weights', data: new Uint8Array(Buffer.concat(parts)) }],
  });
  const random = createRandom(7);
  const { caches } = decoderGraph(ort, session);
  /** A cache of each request that could be, as if it had been evaluated before. */
  const most = Math.max(...SIZES);
  const pasts = caches.map(({ heads, size }) => Float32Array.from({ length: most * heads * PAST * size }, () => random() - 0.5));
  const tokens = Array.from({ length: most }, (_, i) => BigInt(100 + 37 * i));

  const feedsOf = (count: number, first = 0): Record<string, ort.Tensor> => {
    const int64 = (values: readonly bigint[], dims: number[]) => new ort.Tensor('int64', BigInt64Array.from(values), dims);
    const rest: Record<string, ort.Tensor> = {
      input_ids: int64(tokens.slice(first, first + count), [count, 1]),
      attention_mask: int64(new Array<bigint>(count * (PAST + 1)).fill(1n), [count, PAST + 1]),
      position_ids: int64(new Array<bigint>(count).fill(BigInt(PAST)), [count, 1]),
      num_logits_to_keep: int64([1n], []),
    };
    for (const [i, { past, heads, size }] of caches.entries()) {
      const one = heads * PAST * size;
      rest[past] = new ort.Tensor('float32', (pasts[i] ?? new Float32Array()).slice(first * one, (first + count) * one), [
        count,
        heads,
        PAST,
        size,
      ]);
    }
    return Object.fromEntries(Object.entries(rest).filter(([input]) => session.inputNames.includes(input)));
  };
  const scoresOf = async (feeds: Record<string, ort.Tensor>): Promise<Float32Array> => {
    const { logits } = await session.run(feeds, ['logits']);
    if (!(logits?.data instanceof Float32Array)) throw new Error('the graph gave no scores');
    return logits.data;
  };

  const alone: Float32Array[] = [];
  for (let i = 0; i < most; i++) alone.push((await scoresOf(feedsOf(1, i))).slice());
  const stepMs: Record<number, number[]> = {};
  const away: Record<number, number> = {};
  for (const count of SIZES) {
    const scores = await scoresOf(feedsOf(count));
    away[count] = Math.max(
      ...alone
        .slice(0, count)
        .map((own, i) => own.reduce((far, score, j) => Math.max(far, Math.abs(score - (scores[i * SHAPE.vocab + j] ?? Number.NaN))), 0)),
    );
    stepMs[count] = [];
  }
  // In turns, so that what slows the machine slows all.
  for (let run = 0; run < Number(options.runs); run++) {
    for (const count of SIZES) {
      const feeds = feedsOf(count);
      const startMs = performance.now();
      await session.run(feeds);
      stepMs[count]?.push(performance.now() - startMs);
    }
  }
  await session.release();
  const times = (count: number) => spreadOf(stepMs[count] ?? []);
  const rows = SIZES.map((count) => {
    const spread = times(count);
    // The best of all is what other work on the machine changes least.
    const [gain, gainAtBest] = [(count * times(1).median) / spread.median, (count * times(1).min) / spread.min];
    return { requests: count, stepMs: spread, gain, gainAtBest, farthestScore: away[count] };
  });
  console.log(name);
  for (const { requests, stepMs: spread, gain, gainAtBest, farthestScore } of rows) {
    console.log(
      `  ${requests} in a call: ${spread.median.toFixed(2)} ms (${spread.min.toFixed(2)} .. ${spread.max.toFixed(2)}); ${gain.toFixed(2)} times as many tokens a second, ${gainAtBest.toFixed(2)} at best; scores up to ${farthestScore?.toExponential(1)} from those alone`,
    );
  }
  return { rows };
}
