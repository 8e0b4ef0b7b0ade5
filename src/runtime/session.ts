import type { InferenceSession } from 'onnxruntime-web';
import type { RuntimeBuild } from '../core/builds.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import { guarded } from './failures.ts';
import { LazyBytes } from './lazyBytes.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';

/** Warnings tell which operators run on the CPU: of use to nobody who reads a console. */
const LOG_ERRORS = 3;

export interface SessionSetup {
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly options?: InferenceSession.SessionOptions;
}

/**
 * A session over the variant's graph, its weights as external data without a whole copy where the build allows: JSPI
 * reads Blobs by itself, the plain build through LazyBytes, Asyncify reads them whole.
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged`
 */
export async function createSession(ort: Ort, files: ModelFiles, { build, device, options }: SessionSetup): Promise<InferenceSession> {
  const { graph, weights } = files.graph();
  return guarded('loading the model', async () =>
    ort.InferenceSession.create(new Uint8Array(await graph.arrayBuffer()), {
      executionProviders: [device],
      logSeverityLevel: LOG_ERRORS,
      externalData: weights.map(({ path, blob }) => ({ path, data: build === 'plain' ? new LazyBytes(blob) : blob })),
      ...options,
    }),
  );
}
