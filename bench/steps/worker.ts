import { ExternalData, type MadePiece, type WeightMaking } from '../../src/forge/externalData.ts';
import { GraphBuilder, type WeightPart } from '../../src/forge/graphBuilder.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { q4 } from '../../src/forge/weightFormats.ts';
import type { CausalModel } from '../../src/runtime/causalModel.ts';
import { createGpuModel } from '../../src/runtime/gpuModel.ts';
import { ModelFiles } from '../../src/runtime/modelFiles.ts';
import { loadOrt } from '../../src/runtime/ort.ts';
import { createSession } from '../../src/runtime/session.ts';
import { createSessionModel } from '../../src/runtime/sessionModel.ts';
import { randomWeights } from '../gigabyte/shape.ts';
import type { Measured, StepSetup, StepTimes } from './messages.ts';

const BLOCK = 128;
const WARM_UPS = 3;
const STEPS = 16;
const PREFILL = 512;

/** The layers are alike, so each of their products is quantised once. */
function quantisingOnce(): void {
  const made = new Map<string, MadePiece>();
  const { madeWeights } = GraphBuilder.prototype;
  GraphBuilder.prototype.madeWeights = function (name: string, parts: readonly WeightPart[], { pieces, make }: WeightMaking) {
    const once = (piece: number): MadePiece => {
      const key = `${name.replace(/\d+/g, '')} ${piece}`;
      const known = made.get(key) ?? make(piece);
      made.set(key, known);
      return known;
    };
    return madeWeights.call(this, name, parts, { pieces, make: once });
  };
}

const tokens = (count: number, vocabulary: number) => Array.from({ length: count }, (_, i) => 3 + ((i * 7919) % (vocabulary - 3)));

async function measure({ shape, lengths, runs }: StepSetup): Promise<Measured> {
  quantisingOnce();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const data = new ExternalData('model.onnx_data', (bytes) => parts.push(bytes.slice()));
  const graph = buildLlama(shape, randomWeights(shape), q4, data);
  const files = new ModelFiles('steps', [
    { path: 'onnx/model.onnx', blob: new Blob([graph.slice()]) },
    { path: 'onnx/model.onnx_data', blob: new Blob(parts.splice(0)) },
  ]);
  const startMs = performance.now();
  const ort = await loadOrt('jspi', 1);
  const session = await createSession(ort, files, { device: 'webgpu', options: { preferredOutputLocation: 'gpu-buffer' } });
  const loadMs = performance.now() - startMs;
  const setup = { vocabularySize: shape.vocab, contextLength: shape.context };
  const ways: ReadonlyArray<readonly [string, CausalModel]> = [
    ['in place', createGpuModel(ort, session, await ort.env.webgpu.device, setup)],
    ['copied', createSessionModel(ort, session, shape.vocab)],
  ];

  const steps: StepTimes[] = [];
  const prefillMs: Record<string, number[]> = {};
  const said: string[] = [];
  for (let run = 0; run < runs; run++) {
    for (const [way, model] of run % 2 === 0 ? ways : ways.toReversed()) {
      const own = prefillMs[way] ?? [];
      prefillMs[way] = own;
      own.push(await timed(() => prefilled(model, PREFILL)));
      for (const cached of lengths) {
        const sequence = await prefilled(model, cached);
        const stepMs: number[] = [];
        const best: number[] = [];
        for (let step = 0; step < WARM_UPS + STEPS; step++) {
          const from = performance.now();
          const scores = await sequence.forward([5 + step]);
          if (step >= WARM_UPS) stepMs.push(performance.now() - from);
          best.push(scores.indexOf(Math.max(...scores)));
        }
        said.push(`${cached}: ${best.join()}`);
        sequence.release();
        steps.push({ way, cached, stepMs });
      }
    }
  }
  return { steps, prefillMs, loadMs, agrees: new Set(said).size === lengths.length };

  async function prefilled(model: CausalModel, count: number) {
    const sequence = model.start();
    const ids = tokens(count, shape.vocab);
    for (let at = 0; at < count; at += BLOCK) await sequence.forward(ids.slice(at, at + BLOCK), at + BLOCK >= count);
    return sequence;
  }

  async function timed(work: () => ReturnType<typeof prefilled>): Promise<number> {
    const from = performance.now();
    const sequence = await work();
    const ms = performance.now() - from;
    sequence.release();
    return ms;
  }
}

addEventListener('message', ({ data }: MessageEvent<StepSetup>) => {
  measure(data).then(
    (measured) => postMessage({ measured }),
    (reason: unknown) => postMessage({ failed: String(reason instanceof Error ? reason.stack : reason) }),
  );
});
