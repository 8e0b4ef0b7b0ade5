import { expect, test } from 'vitest';
import { memorySource } from '../testing/tinyLlama.ts';
import { readGguf } from './readGguf.ts';
import { requantizedGguf } from './requantizeGguf.ts';
import { bytesOf, tinyGguf, tinyMetadata, tinyWeights } from './testing/tinyGguf.ts';
import type { WrittenValue } from './writeGguf.ts';

const read = (...files: readonly Uint8Array[]) => readGguf(files.map((file) => memorySource(file)));
const typesOf = (file: Uint8Array) => new Map([...read(file).tensors.values()].map(({ name, type }) => [name, type.name]));

test('a file of floats becomes the very tensors that its type has, and says what it is', () => {
  const made = bytesOf(requantizedGguf(read(tinyGguf('F32')), 'Q8_0'));
  const [quantised, wanted] = [read(made), read(tinyGguf('Q8_0'))];
  for (const [name, tensor] of wanted.tensors) {
    expect(quantised.tensors.get(name)?.type.name, name).toBe(tensor.type.name);
    expect(quantised.tensors.get(name)?.read(), name).toEqual(tensor.read());
  }
  expect(quantised.metadata.count('general.file_type')).toBe(7);
});

test('what the file says of itself is copied with its types, also such as nothing here writes', () => {
  // An unsigned number of 64 bits, and a list of bytes.
  const odd = new Map<string, WrittenValue>([
    ['odd.count', { raw: Uint8Array.of(10, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0) }],
    ['odd.bytes', { raw: Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 6) }],
  ]);
  const source = read(bytesOf({ metadata: new Map([...tinyMetadata('llama'), ...odd]), tensors: tinyWeights('F16') }));
  const made = read(bytesOf(requantizedGguf(source, 'Q4_0')));
  expect(made.metadata.count('odd.count')).toBe(7);
  const own = ['general.file_type', 'general.quantization_version'];
  const kept = new Map([...made.rawMetadata()].filter(([key]) => !own.includes(key)));
  expect(kept).toEqual(source.rawMetadata());
});

test('what scores are made from keeps 8 bits where the rest gets 4: the embedding, or a head of its own', () => {
  const tied = typesOf(bytesOf(requantizedGguf(read(tinyGguf('F16')), 'Q4_0')));
  expect([tied.get('token_embd.weight'), tied.get('blk.0.attn_q.weight'), tied.get('output_norm.weight')]).toEqual(['Q8_0', 'Q4_0', 'F32']);
  const untied = typesOf(bytesOf(requantizedGguf(read(tinyGguf('F16', 'llama', { classifier: true })), 'Q4_0')));
  expect([untied.get('output.weight'), untied.get('token_embd.weight')]).toEqual(['Q8_0', 'Q4_0']);
});

test('what is of the type already is the same to the byte, and parts become one file', () => {
  const all = tinyWeights('Q8_0');
  const part = (number: number, tensors: typeof all) =>
    bytesOf({
      metadata: new Map<string, WrittenValue>([
        ...(number === 0 ? tinyMetadata('llama') : []),
        ['split.no', { uint32: number }],
        ['split.count', { uint32: 2 }],
        ['split.tensors.count', { uint32: all.length }],
      ]),
      tensors,
    });
  const source = read(part(0, all.slice(0, 5)), part(1, all.slice(5)));
  const made = read(bytesOf(requantizedGguf(source, 'Q8_0')));
  expect(made.metadata.count('split.count')).toBeUndefined();
  for (const [name, tensor] of source.tensors) expect(made.tensors.get(name)?.read(), name).toEqual(tensor.read());
});
