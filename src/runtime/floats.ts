import type { Tensor } from 'onnxruntime-web';
import { halves } from '../core/halfFloats.ts';

/** Half floats widened: arithmetic on scores and vectors is in 32 bits, whatever an export ends in. */
export function widened(data: unknown, type: Tensor.Type): Float32Array | undefined {
  if (data instanceof Float32Array) return data;
  if (type !== 'float16') return undefined;
  // A browser that knows half floats has ONNX Runtime give them as numbers, others get their bits.
  if (data instanceof Uint16Array) return widenBits(data);
  return ArrayBuffer.isView(data) && data.byteLength > 0
    ? widenBits(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2))
    : undefined;
}

export function widenBits(bits: Uint16Array): Float32Array {
  const table = halves();
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) numbers[i] = table[bits[i] ?? 0] ?? 0;
  return numbers;
}

/** The numbers of a tensor, wherever it lies; it is not to be used afterwards. Undefined for one that holds no floats. */
export const floatsOf = async (tensor: Tensor): Promise<Float32Array | undefined> => widened(await tensor.getData(true), tensor.type);
