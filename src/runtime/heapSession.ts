import { allocate, check, heapOf, type OrtModule } from './heapRuntime.ts';

/** ONNX's `TensorProto.DataType`, those that a text decoder has at its border. */
export const TENSOR = { float32: 1, int64: 7, float16: 10 } as const;
const BYTES: Readonly<Record<number, number>> = { [TENSOR.float32]: 4, [TENSOR.int64]: 8, [TENSOR.float16]: 2 };
const ON_CPU = 1;
/**
 * Off: a graph with `GroupQueryAttention` was fused when it was made, and looking for more took 13 % of a warm load without changing a
 * token or the decoding speed (bench/, eight interleaved loads).
 */
const NO_OPTIMISATION = 0;
const LOG_ERRORS = 3;

export interface Port {
  readonly name: string;
  readonly type: number;
  /** Symbolic dimensions by name. */
  readonly shape: ReadonlyArray<number | string>;
}

export interface HeapSession {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** A tensor over heap memory that the caller owns: as an output it is written in place. Returns its handle. */
  tensor(type: number, address: number, dims: readonly number[]): number;
  release(tensor: number): void;
  close(): void;
  /** Address of a tensor's data. */
  dataOf(tensor: number): number;
  /** Runs on tensors by name. An output given as 0 is allocated; the caller releases it. Returns the outputs' handles. */
  runner(
    inputs: readonly string[],
    outputs: readonly string[],
  ): (inputs: readonly number[], outputs: readonly number[]) => Promise<number[]>;
}

export const tensorBytes = (type: number, dims: readonly number[]): number => dims.reduce((a, b) => a * b, BYTES[type] ?? 0);

/** A session of the plain build over heap memory, without the copies in and out that the public API makes at every run. */
export async function createHeapSession(
  module: OrtModule,
  graph: Uint8Array,
  weights: ReadonlyArray<{ readonly path: string; readonly data: Parameters<OrtModule['mountExternalData']>[1] }>,
): Promise<HeapSession> {
  const session = await open(module, graph, weights);
  const scratch = allocate(module, 64);
  const string = (text: string) => {
    const bytes = module.lengthBytesUTF8(text) + 1;
    const address = allocate(module, bytes);
    module.stringToUTF8(text, address, bytes);
    return address;
  };
  const write = (address: number, values: readonly number[]) => new Uint32Array(heapOf(module), address, values.length).set(values);
  const ports = readPorts(module, session, scratch);
  const runOptions = module._OrtCreateRunOptions(LOG_ERRORS, 0, false, 0);

  return {
    ...ports,
    close: () => check(module, module._OrtReleaseSession(session)),
    tensor(type, address, dims) {
      write(scratch, dims);
      const handle = module._OrtCreateTensor(type, address, tensorBytes(type, dims), scratch, dims.length, ON_CPU);
      if (handle === 0) check(module, -1);
      return handle;
    },
    release: (tensor) => check(module, module._OrtReleaseTensor(tensor)),
    dataOf(tensor) {
      const size = module.PTR_SIZE;
      check(module, module._OrtGetTensorData(tensor, scratch, scratch + size, scratch + 2 * size, scratch + 3 * size));
      module._OrtFree(module.getValue(scratch + 2 * size, '*'));
      return module.getValue(scratch + size, '*');
    },
    runner(inputNames, outputNames) {
      const pointers = (count: number) => allocate(module, Math.max(count, 1) * module.PTR_SIZE);
      const names = { inputs: pointers(inputNames.length), outputs: pointers(outputNames.length) };
      write(names.inputs, inputNames.map(string));
      write(names.outputs, outputNames.map(string));
      const values = { inputs: pointers(inputNames.length), outputs: pointers(outputNames.length) };
      return async (inputs, outputs) => {
        write(values.inputs, inputs);
        write(values.outputs, outputs);
        check(
          module,
          await module._OrtRun(
            session,
            names.inputs,
            values.inputs,
            inputs.length,
            names.outputs,
            outputs.length,
            values.outputs,
            runOptions,
          ),
        );
        return Array.from(new Uint32Array(heapOf(module), values.outputs, outputs.length));
      };
    },
  };
}

async function open(
  module: OrtModule,
  graph: Uint8Array,
  weights: ReadonlyArray<{ readonly path: string; readonly data: Parameters<OrtModule['mountExternalData']>[1] }>,
): Promise<number> {
  const address = allocate(module, graph.byteLength);
  const options = module._OrtCreateSessionOptions(NO_OPTIMISATION, false, false, 0, false, 0, 0, LOG_ERRORS, 0, 0);
  try {
    new Uint8Array(heapOf(module), address, graph.byteLength).set(graph);
    for (const { path, data } of weights) module.mountExternalData(path, data);
    const session = await module._OrtCreateSession(address, graph.byteLength, options);
    if (session === 0) check(module, -1);
    return session;
  } finally {
    module.unmountExternalData();
    module._OrtReleaseSessionOptions(options);
    module._free(address);
  }
}

/** Metadata of a port: type, rank, then a name (0 where there is none) and a size for each dimension. */
function readPorts(module: OrtModule, session: number, scratch: number): { inputs: Port[]; outputs: Port[] } {
  const size = module.PTR_SIZE;
  check(module, module._OrtGetInputOutputCount(session, scratch, scratch + size));
  const inputCount = module.getValue(scratch, '*');
  const outputCount = module.getValue(scratch + size, '*');
  const read = (index: number): Port => {
    check(module, module._OrtGetInputOutputMetadata(session, index, scratch, scratch + size));
    const nameAt = module.getValue(scratch, '*');
    const name = module.UTF8ToString(nameAt);
    const at = module.getValue(scratch + size, '*');
    const type = module.getValue(at, 'i32');
    const rank = type === 0 ? 0 : module.getValue(at + 4, 'i32');
    const shape = Array.from({ length: rank }, (_, i) => {
      const symbol = module.getValue(at + 8 + i * size, '*');
      return symbol === 0 ? module.getValue(at + 8 + (rank + i) * size, '*') : module.UTF8ToString(symbol);
    });
    module._OrtFree(nameAt);
    module._OrtFree(at);
    return { name, type, shape };
  };
  return {
    inputs: Array.from({ length: inputCount }, (_, i) => read(i)),
    outputs: Array.from({ length: outputCount }, (_, i) => read(inputCount + i)),
  };
}
