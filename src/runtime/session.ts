import type { InferenceSession } from 'onnxruntime-web';
import type { ExecutionDevice } from '../core/manifest.ts';
import { guarded } from './failures.ts';
import { lazyWeights } from './lazyWeights.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';

/** Warnings tell which operators run on the CPU: of use to nobody who reads a console. */
const LOG_ERRORS = 3;

export interface SessionSetup {
  readonly device: ExecutionDevice;
  readonly options?: InferenceSession.SessionOptions;
}

/**
 * A session over the variant's graph, its weights as external data tensor by tensor, without a whole copy beside the runtime's own. The JSPI
 * build could read Blobs by itself, but of a gigabyte its stream stood still for good in four of eight loads, and it keeps its buffer.
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged`
 */
export async function createSession(ort: Ort, files: ModelFiles, { device, options }: SessionSetup): Promise<InferenceSession> {
  const { graph, weights } = files.graph();
  return guarded('loading the model', async () => {
    const { externalData, free } = lazyWeights(weights);
    try {
      return await ort.InferenceSession.create(new Uint8Array(await graph.arrayBuffer()), {
        executionProviders: [device],
        logSeverityLevel: LOG_ERRORS,
        externalData,
        ...options,
      });
    } finally {
      free();
    }
  });
}
