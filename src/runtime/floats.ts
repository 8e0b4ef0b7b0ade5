import type { Tensor } from 'onnxruntime-web';
import { halves } from '../core/halfFloats.ts';

/** Floats as a graph gives them: of 16 bits by their bits. */
export type RawFloats = Float32Array | Uint16Array;

/** What a tensor holds, wherever it lies; it is not to be used afterwards. Undefined for one that holds no floats. */
export async function rawFloatsOf(tensor: Tensor): Promise<RawFloats | undefined> {
  const data: unknown = await tensor.getData(true);
  if (data instanceof Float32Array) return data;
  if (tensor.type !== 'float16' || !ArrayBuffer.isView(data)) return undefined;
  // Numbers in a browser that knows them, bits in others.
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

/** In 32 bits, in which all is reckoned that comes after a graph. */
export function widened(floats: RawFloats): Float32Array {
  if (floats instanceof Float32Array) return floats;
  const table = halves();
  const numbers = new Float32Array(floats.length);
  // For each token a hundred thousand of them.
  for (let i = 0; i < floats.length; i++) numbers[i] = table[floats[i] ?? 0] ?? 0;
  return numbers;
}
