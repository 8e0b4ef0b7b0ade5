import { iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs, iq4_nl, iq4_xs } from './latticeBlocks.ts';
import { bf16, type Dequantizer, f16, f32, q4_0, q4_1, q5_0, q5_1, q8_0 } from './plainBlocks.ts';
import { q2_K, q3_K, q4_K, q5_K, q6_K } from './superBlocks.ts';

/** How a tensor's numbers are written: `blockBytes` bytes stand for `blockSize` numbers. */
export interface TensorType {
  readonly name: string;
  readonly id: number;
  readonly blockSize: number;
  readonly blockBytes: number;
  readonly block: Dequantizer;
}

const type = (name: string, id: number, blockSize: number, blockBytes: number, block: Dequantizer): TensorType => ({
  name,
  id,
  blockSize,
  blockBytes,
  block,
});

/** Those of `enum ggml_type` that Sill reads, under its names and numbers. */
export const TENSOR_TYPES = {
  F32: type('F32', 0, 1, 4, f32),
  F16: type('F16', 1, 1, 2, f16),
  Q4_0: type('Q4_0', 2, 32, 18, q4_0),
  Q4_1: type('Q4_1', 3, 32, 20, q4_1),
  Q5_0: type('Q5_0', 6, 32, 22, q5_0),
  Q5_1: type('Q5_1', 7, 32, 24, q5_1),
  Q8_0: type('Q8_0', 8, 32, 34, q8_0),
  Q2_K: type('Q2_K', 10, 256, 84, q2_K),
  Q3_K: type('Q3_K', 11, 256, 110, q3_K),
  Q4_K: type('Q4_K', 12, 256, 144, q4_K),
  Q5_K: type('Q5_K', 13, 256, 176, q5_K),
  Q6_K: type('Q6_K', 14, 256, 210, q6_K),
  IQ2_XXS: type('IQ2_XXS', 16, 256, 66, iq2_xxs),
  IQ2_XS: type('IQ2_XS', 17, 256, 74, iq2_xs),
  IQ3_XXS: type('IQ3_XXS', 18, 256, 98, iq3_xxs),
  IQ4_NL: type('IQ4_NL', 20, 32, 18, iq4_nl),
  IQ3_S: type('IQ3_S', 21, 256, 110, iq3_s),
  IQ2_S: type('IQ2_S', 22, 256, 82, iq2_s),
  IQ4_XS: type('IQ4_XS', 23, 256, 136, iq4_xs),
  BF16: type('BF16', 30, 1, 2, bf16),
} as const;

export type TensorTypeName = keyof typeof TENSOR_TYPES;

const BY_ID: ReadonlyMap<number, TensorType> = new Map(Object.values(TENSOR_TYPES).map((each) => [each.id, each]));

/** Others of the enumeration, so that a refusal can name them. */
const UNREAD: ReadonlyMap<number, string> = new Map([
  [4, 'Q4_2'],
  [5, 'Q4_3'],
  [9, 'Q8_1'],
  [15, 'Q8_K'],
  [19, 'IQ1_S'],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [29, 'IQ1_M'],
  [31, 'Q4_0_4_4'],
  [32, 'Q4_0_4_8'],
  [33, 'Q4_0_8_8'],
  [34, 'TQ1_0'],
  [35, 'TQ2_0'],
  [36, 'IQ4_NL_4_4'],
  [37, 'IQ4_NL_4_8'],
  [38, 'IQ4_NL_8_8'],
  [39, 'MXFP4'],
  [40, 'NVFP4'],
]);

/** What ggml calls a type that is not read. */
export const nameOfUnread = (id: number): string => UNREAD.get(id) ?? `ggml type ${id}`;

export const tensorTypeOf = (id: number): TensorType | undefined => BY_ID.get(id);

/** The numbers that whole blocks stand for. */
export function dequantize(type: TensorType, bytes: Uint8Array): Float32Array {
  const values = new Float32Array((bytes.byteLength / type.blockBytes) * type.blockSize);
  dequantizeInto(type, bytes, values, 0);
  return values;
}

/** Writes them into `values` from `at` on. @returns how many they are */
export function dequantizeInto({ blockSize, blockBytes, block }: TensorType, bytes: Uint8Array, values: Float32Array, at: number): number {
  const count = bytes.byteLength / blockBytes;
  for (let i = 0; i < count; i++) block(bytes, i * blockBytes, values, at + i * blockSize);
  return count * blockSize;
}
