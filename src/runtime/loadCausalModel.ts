import type { RuntimeBuild } from '../core/builds.ts';
import { SillError } from '../core/errors.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import { release } from '../core/releasedBuffer.ts';
import type { CausalModel } from './causalModel.ts';
import { guarded } from './failures.ts';
import { createGpuModel } from './gpuModel.ts';
import { externalWeightCount, producerOf } from './graphWeights.ts';
import { canCacheInPlace, createHeapModel, quantisesTogether } from './heapModel.ts';
import { heapOf, heapRuntime, type OrtModule } from './heapRuntime.ts';
import { createHeapSession, type HeapSession } from './heapSession.ts';
import { LazyBytes } from './lazyBytes.ts';
import { heapWith } from './memoryUse.ts';
import type { ModelFiles } from './modelFiles.ts';
import { loadOrt } from './ort.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';
import { inShortCalls, longestSoundCallOn } from './shortCalls.ts';
import { GPU_CALLS, PROCESSOR_CALLS } from './warmUp.ts';
import { spawnReaders, startWeightReaders } from './weightReaders.ts';

/** What the forge writes into its graphs. */
const OWN_PRODUCER = 'sill';

/** What stands beside its copy in the heap for a moment. */
const READ_WHOLE_BYTES = 32 * 2 ** 20;

/** What lies between tensors in the heap, and what a session takes besides: 1.01 of a gigabyte was all that it took. */
const WITH_BORDERS = 1.01;
const PAGE_BYTES = 65_536;

interface CausalSetup {
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly threads: number;
  readonly contextLength: number;
}

interface Loaded {
  readonly model: CausalModel;
  /** What is made of it while nobody asks (`warmUp`). Nothing on a GPU in software, which is slower to compute than to compile. */
  readonly warmUpCalls?: readonly number[];
  readonly weightReaders?: number;
}

interface Read {
  readonly session: HeapSession;
  readonly weightReaders?: number;
}

/**
 * The fastest form of a decoder that its graph and the build allow.
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged`
 */
export async function loadCausalModel(files: ModelFiles, setup: CausalSetup, spawnReader: () => Worker): Promise<Loaded> {
  const { build, device, threads, contextLength } = setup;
  const { graph, weights } = files.graph();
  const bytes = new Uint8Array(await graph.arrayBuffer());
  const isOwn = producerOf(bytes) === OWN_PRODUCER;
  if (build === 'plain' && canCacheInPlace(bytes)) {
    return guarded('loading the model', async () => {
      // They start beside the runtime.
      const readers = spawnReaders(weights, spawnReader);
      const [module, small] = await Promise.all([heapRuntime(threads), readers.length === 0 ? readSmall(weights) : undefined]);
      const { session, ...how } =
        (await readAtOnce(module, bytes, weights, readers)) ?? (await readInTurn(module, bytes, small ?? lazily(weights)));
      return {
        model: createHeapModel(module, session, {
          vocabularySize: vocabularyOf(session.outputs),
          contextLength,
          canLeaveOutScores: isOwn,
          canScoreEach: isOwn,
          quantisesTogether: quantisesTogether(bytes),
        }),
        ...how,
        warmUpCalls: PROCESSOR_CALLS,
      };
    });
  }
  const ort = await guarded('starting the runtime', () => loadOrt(build, threads));
  const session = await createSession(ort, files, {
    device,
    // What a graph leaves on the GPU need not come back for the next call; scores are fetched when they are read.
    options: device === 'webgpu' ? { preferredOutputLocation: 'gpu-buffer' } : {},
  });
  const vocabularySize = vocabularyOf(session.outputMetadata);
  if (device !== 'webgpu') return { model: createSessionModel(ort, session, vocabularySize, isOwn) };
  const gpu = await ort.env.webgpu.device;
  const model = canCacheInPlace(bytes)
    ? createGpuModel(ort, session, gpu, { vocabularySize, contextLength, canScoreEach: isOwn })
    : createSessionModel(ort, session, vocabularySize, isOwn);
  return { model: inShortCalls(model, longestSoundCallOn(gpu)), ...(gpu.adapterInfo.isFallbackAdapter ? {} : { warmUpCalls: GPU_CALLS }) };
}

type Weights = ReturnType<ModelFiles['graph']>['weights'];

/** Large weights by several workers, where they can write into the heap; undefined where not, or where that went wrong. */
async function readAtOnce(module: OrtModule, graph: Uint8Array, weights: Weights, workers: readonly Worker[]): Promise<Read | undefined> {
  const memory = heapWith(heapOf(module));
  if (workers.length === 0 || !memory) return undefined;
  // A worker that does not start costs the speed and not the model.
  const readers = await startWeightReaders(module, memory, weights, externalWeightCount(graph), workers).catch(() => undefined);
  if (!readers) return undefined;
  makeRoom(memory, weights);
  try {
    const session = await createHeapSession(module, graph, readers.weights);
    if (readers.isSound()) return { session, weightReaders: readers.count };
    session.close();
  } finally {
    readers.end();
    for (const { data } of readers.weights) data.free();
  }
  return undefined;
}

/** All at once: of itself the runtime grows its heap by a fifth or less, 22 times for a gigabyte, and V8 looks for garbage at each. */
function makeRoom(memory: WebAssembly.Memory, weights: Weights): void {
  const sizeBytes = weights.reduce((sum, { blob }) => sum + blob.size, 0);
  try {
    memory.grow(Math.ceil((sizeBytes * WITH_BORDERS) / PAGE_BYTES));
  } catch {
    // The runtime asks for it by and by, and tells when there is no more.
  }
}

interface Opened {
  readonly path: string;
  readonly data: Uint8Array;
  /** Gives back what it takes beside the heap. */
  free(): void;
}

async function readInTurn(module: OrtModule, graph: Uint8Array, weights: readonly Opened[]): Promise<Read> {
  const session = await createHeapSession(module, graph, weights).finally(() => {
    for (const { free } of weights) free();
  });
  return { session };
}

const lazily = (weights: Weights): Opened[] =>
  weights.map(({ path, blob }) => {
    const data = new LazyBytes(blob);
    return { path, data, free: () => data.free() };
  });

/** Each read of a Blob is a question to another process: few bytes come whole sooner than piece by piece, and while the runtime starts. */
async function readSmall(weights: Weights): Promise<Opened[] | undefined> {
  if (weights.reduce((sum, { blob }) => sum + blob.size, 0) > READ_WHOLE_BYTES) return undefined;
  return Promise.all(
    weights.map(async ({ path, blob }) => {
      const buffer = await blob.arrayBuffer();
      return { path, data: new Uint8Array(buffer), free: () => release(buffer) };
    }),
  );
}

function vocabularyOf(outputs: ReadonlyArray<{ readonly name: string; readonly shape?: ReadonlyArray<number | string> }>): number {
  const last = outputs.find((output) => output.name === 'logits')?.shape?.at(-1);
  if (typeof last === 'number') return last;
  throw new SillError('runtime_failed', "The model's graph does not say how many words it knows. Its publisher has to export it again.");
}
