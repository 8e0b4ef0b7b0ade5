import { headDim, kvDim, type LlamaConfig } from '../llama.ts';

/** The smallest shape that has all features: shared key-values, two layers, sides that divide into blocks. */
export const TINY: LlamaConfig = {
  dim: 64,
  hidden: 96,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  vocab: 32,
  context: 16,
  ropeTheta: 10_000,
  normEps: 1e-5,
};

/** Of no matrix do the rows divide into blocks. */
export const UNEVEN: LlamaConfig = { ...TINY, dim: 80, hidden: 172, heads: 5, kvHeads: 5 };

/** The tensors of a llama2.c checkpoint by kind, in the order of the file. */
export function tinyTensors(ownClassifier: boolean, config = TINY): Array<readonly [name: string, values: Float32Array]> {
  const { dim, hidden, layers, vocab, context } = config;
  let seed = 1;
  // A small multiplicative generator: the same weights in every run.
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const tensor = (name: string, count: number, scale = 0.5, shift = 0) =>
    [name, Float32Array.from({ length: count }, () => random() * scale + shift)] as const;
  const sizes = [
    tensor('embedding', vocab * dim, 2),
    tensor('attentionNorm', layers * dim, 0.5, 1),
    tensor('query', layers * dim * dim),
    tensor('key', layers * kvDim(config) * dim),
    tensor('value', layers * kvDim(config) * dim),
    tensor('attentionOutput', layers * dim * dim),
    tensor('feedForwardNorm', layers * dim, 0.5, 1),
    tensor('gate', layers * hidden * dim),
    tensor('down', layers * dim * hidden),
    tensor('up', layers * hidden * dim),
    tensor('finalNorm', dim, 0.5, 1),
    tensor('rotaryTables', context * headDim(config)),
  ];
  return ownClassifier ? [...sizes, tensor('classifier', vocab * dim)] : sizes;
}

export function tinyCheckpoint(ownClassifier: boolean, config = TINY): Uint8Array {
  const { dim, hidden, layers, heads, kvHeads, vocab, context } = config;
  const header = Int32Array.of(dim, hidden, layers, heads, kvHeads, ownClassifier ? -vocab : vocab, context);
  const parts = [header, ...tinyTensors(ownClassifier, config).map(([, values]) => values)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer), offset);
    offset += part.byteLength;
  }
  return bytes;
}

export const memorySource = (bytes: Uint8Array) => ({
  sizeBytes: bytes.byteLength,
  read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
});
