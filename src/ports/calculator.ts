import type { RuntimeBuild } from '../core/builds.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import type { LoadSpec } from './runtime.ts';

/** A tensor that a graph takes. */
export interface ComputeFeed {
  readonly name: string;
  readonly dims: readonly number[];
  /** Of 16 bits: the bits of 16-bit floats. */
  readonly data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

/** A graph that is no model, with what to feed it. */
export interface ComputeJob {
  /** As in a LoadSpec: one `.onnx` with its weights beside it. */
  readonly files: LoadSpec['files'];
  /** What to feed it, one call after the other. What the first compiles serves those after it. */
  readonly calls: ReadonlyArray<readonly ComputeFeed[]>;
  /** After these the last call is made again for this long, and timed. */
  readonly repeatForMs: number;
}

export interface ComputeSpec {
  readonly build: RuntimeBuild;
  readonly device: ExecutionDevice;
  readonly threads: number;
  readonly jobs: readonly ComputeJob[];
}

export interface Computed {
  /** Of each call, by name, row after row. */
  readonly outputs: ReadonlyArray<Readonly<Record<string, Float32Array>>>;
  /** Of each run after those, which compile what they need. */
  readonly runMs: readonly number[];
}

export interface Calculator {
  /**
   * Runs graphs in a worker of their own, which ends with them, also when the signal cuts them short.
   * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `worker_lost` | `aborted`
   */
  compute(spec: ComputeSpec, options: { readonly signal?: AbortSignal }): Promise<readonly Computed[]>;
}
