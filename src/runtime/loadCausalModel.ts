import type { RuntimeBuild } from '../core/builds.ts';
import { SillError } from '../core/errors.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import type { CausalModel } from './causalModel.ts';
import { guarded } from './failures.ts';
import { canCacheInPlace, createHeapModel } from './heapModel.ts';
import { startHeapRuntime } from './heapRuntime.ts';
import { createHeapSession } from './heapSession.ts';
import { LazyBytes } from './lazyBytes.ts';
import type { ModelFiles } from './modelFiles.ts';
import { loadOrt } from './ort.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';

interface CausalSetup {
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly threads: number;
  readonly contextLength: number;
}

/**
 * The fastest form of a decoder that its graph and the build allow.
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged`
 */
export async function loadCausalModel(files: ModelFiles, setup: CausalSetup): Promise<CausalModel> {
  const { build, device, threads, contextLength } = setup;
  const { graph, weights } = files.graph();
  const bytes = new Uint8Array(await graph.arrayBuffer());
  if (build === 'plain' && canCacheInPlace(bytes)) {
    return guarded('loading the model', async () => {
      const module = await startHeapRuntime(threads);
      const lazy = weights.map(({ path, blob }) => ({ path, data: new LazyBytes(blob) }));
      const session = await createHeapSession(module, bytes, lazy).finally(() => {
        for (const { data } of lazy) data.free();
      });
      return createHeapModel(module, session, vocabularyOf(session.outputs), contextLength);
    });
  }
  const ort = await guarded('starting the runtime', () => loadOrt(build, threads));
  const session = await createSession(ort, files, {
    device,
    // What a graph leaves on the GPU need not come back for the next call; scores are fetched when they are read.
    options: device === 'webgpu' ? { preferredOutputLocation: 'gpu-buffer' } : {},
  });
  return createSessionModel(ort, session, vocabularyOf(session.outputMetadata));
}

function vocabularyOf(outputs: ReadonlyArray<{ readonly name: string; readonly shape?: ReadonlyArray<number | string> }>): number {
  const last = outputs.find((output) => output.name === 'logits')?.shape?.at(-1);
  if (typeof last === 'number') return last;
  throw new SillError('runtime_failed', "The model's graph does not say how many words it knows. Its publisher has to export it again.");
}
