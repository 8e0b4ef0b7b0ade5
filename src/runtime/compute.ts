import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { SillError } from '../core/errors.ts';
import type { Computed, ComputeFeed, ComputeJob, ComputeSpec } from '../ports/calculator.ts';
import { guarded } from './failures.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt, type Ort } from './ort.ts';
import { createSession } from './session.ts';

/**
 * Runs graphs that are no models, one after the other.
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `aborted`
 */
export async function compute(spec: ComputeSpec, signal: AbortSignal): Promise<Computed[]> {
  // Without isolation there is no shared memory to run threads on.
  const ort = await guarded('starting the runtime', () => loadOrt(spec.build, crossOriginIsolated ? spec.threads : 1));
  const results: Computed[] = [];
  for (const job of spec.jobs) {
    signal.throwIfAborted();
    results.push(await runJob(ort, spec, job, signal));
  }
  return results;
}

async function runJob(ort: Ort, spec: ComputeSpec, { files, calls, repeatForMs }: ComputeJob, signal: AbortSignal): Promise<Computed> {
  const session = await createSession(ort, new ModelFiles('graph', files), { device: spec.device });
  const outputs: Array<Record<string, Float32Array>> = [];
  let inputs: Record<string, Tensor> = {};
  for (const feeds of calls) {
    signal.throwIfAborted();
    inputs = Object.fromEntries(feeds.map((feed) => [feed.name, tensorOf(ort, feed)]));
    outputs.push(await guarded('computing', () => outputsOf(session, inputs)));
  }
  const runMs: number[] = [];
  const untilMs = performance.now() + repeatForMs;
  while (performance.now() < untilMs) {
    signal.throwIfAborted();
    const startMs = performance.now();
    await guarded('computing', () => outputsOf(session, inputs));
    runMs.push(performance.now() - startMs);
  }
  await session.release();
  return { outputs, runMs };
}

/** Read back too: on a GPU a run has ended only when its results are here. */
async function outputsOf(session: InferenceSession, inputs: Record<string, Tensor>): Promise<Record<string, Float32Array>> {
  const outputs: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(await session.run(inputs))) {
    const data = await tensor.getData(true);
    if (!(data instanceof Float32Array)) throw new SillError('runtime_failed', `The output ${name} is ${tensor.type}, not float32.`);
    outputs[name] = data.slice();
  }
  return outputs;
}

function tensorOf(ort: Ort, { dims, data }: ComputeFeed): Tensor {
  if (data instanceof BigInt64Array) return new ort.Tensor('int64', data, [...dims]);
  return data instanceof Uint16Array ? new ort.Tensor('float16', data, [...dims]) : new ort.Tensor('float32', data, [...dims]);
}
