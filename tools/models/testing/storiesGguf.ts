import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { llamaGguf } from '../../../src/forge/gguf/llamaGguf.ts';
import type { WrittenType } from '../../../src/forge/gguf/quantizeTensor.ts';
import { type GgufContent, type WrittenValue, writeGguf } from '../../../src/forge/gguf/writeGguf.ts';
import type { LlamaWeights } from '../../../src/forge/llama.ts';
import { readLlama2c } from '../../../src/forge/llama2c.ts';
import { type Piece, readLlama2cTokenizer } from '../../../src/forge/llama2cTokenizer.ts';
import { llama2cVocabulary } from '../../../src/forge/llamaFiles.ts';
import { writeAll } from '../../import/writeGraph.ts';
import { SOURCES_FOLDER, sourceFolder } from '../fetchSources.ts';
import { filePart } from '../filePart.ts';
import { LLAMA2C_CHECKPOINT_BYTES, SOURCES } from '../sources.ts';

const SOURCE = join(sourceFolder(SOURCES_FOLDER, SOURCES.llama2c), 'dist/llama2.data');
const VOCABULARY = 32_000;

/** Pieces of its vocabulary by id. */
export function storiesPieces(): Piece[] {
  const source = openSync(SOURCE, 'r');
  try {
    const tokenizer = filePart(source, LLAMA2C_CHECKPOINT_BYTES);
    return readLlama2cTokenizer(tokenizer.read(0, tokenizer.sizeBytes), VOCABULARY);
  } finally {
    closeSync(source);
  }
}

/** The layer whose weights `loud` makes hard to quantise, by how much, and the place in its hidden state. So much is not mended by evening channels, as 40 is. */
const LOUD = { layer: 2, factor: 4000, hidden: 7 } as const;

/**
 * The same model in other weights: one hidden number of a layer is made so many times smaller, and what it is multiplied with larger. In 8 bits
 * with a scale for each row, those weights flatten all others of the layer's last matrix.
 */
function loud(weights: LlamaWeights): LlamaWeights {
  return {
    ...weights,
    layer(index) {
      const layer = weights.layer(index);
      if (index !== LOUD.layer) return layer;
      const [up, down] = [layer.up.values.slice(), layer.down.values.slice()];
      const { columns } = layer.up;
      up.set(
        up.subarray(LOUD.hidden * columns, (LOUD.hidden + 1) * columns).map((value) => value / LOUD.factor),
        LOUD.hidden * columns,
      );
      for (let at = LOUD.hidden; at < down.length; at += layer.down.columns) down[at] = (down[at] ?? Number.NaN) * LOUD.factor;
      return { ...layer, up: { ...layer.up, values: up }, down: { ...layer.down, values: down } };
    },
  };
}

/** Writes stories15M as a GGUF file, from the source that the starter is made of. @param isLoud see `loud` */
export const writeStoriesGguf = (path: string, type: WrittenType, isLoud = false): void =>
  write(type, (content) => writeContent(path, content), isLoud);

/** The same in parts, as llama.cpp's `gguf-split` cuts a file: all of its metadata is in the first. */
export const writeStoriesParts = (paths: readonly string[], type: WrittenType): void =>
  write(type, ({ metadata, tensors }) => {
    const each = Math.ceil(tensors.length / paths.length);
    for (const [number, path] of paths.entries()) {
      const split = new Map<string, WrittenValue>([
        ['split.no', { uint32: number }],
        ['split.count', { uint32: paths.length }],
        ['split.tensors.count', { uint32: tensors.length }],
      ]);
      writeContent(path, {
        metadata: new Map([...(number === 0 ? metadata : []), ...split]),
        tensors: tensors.slice(number * each, (number + 1) * each),
      });
    }
  });

function write(type: WrittenType, to: (content: GgufContent) => void, isLoud = false): void {
  const source = openSync(SOURCE, 'r');
  try {
    const { config, weights } = readLlama2c(filePart(source, 0, LLAMA2C_CHECKPOINT_BYTES));
    const pieces = llama2cVocabulary(storiesPieces());
    const model = { name: 'Stories 15M', licence: 'mit', config, weights: isLoud ? loud(weights) : weights, pieces, bos: 1, eos: 2 };
    to(llamaGguf(model, type));
  } finally {
    closeSync(source);
  }
}

function writeContent(path: string, content: GgufContent): void {
  const target = openSync(path, 'w');
  try {
    writeGguf(content, (bytes) => writeAll(target, bytes));
  } finally {
    closeSync(target);
  }
}
