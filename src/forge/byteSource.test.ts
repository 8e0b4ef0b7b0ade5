import { expect, test } from 'vitest';
import { joinedSource } from './byteSource.ts';
import { memorySource } from './testing/tinyLlama.ts';

test('files one behind the other are read as one, at every place', () => {
  const whole = Uint8Array.from({ length: 10 }, (_, i) => i);
  const source = joinedSource([whole.subarray(0, 3), whole.subarray(3, 3), whole.subarray(3, 9), whole.subarray(9)].map(memorySource));
  expect(source.sizeBytes).toBe(10);
  for (let from = 0; from <= 10; from++) {
    for (let to = from; to <= 10; to++) expect(source.read(from, to - from)).toEqual(whole.slice(from, to));
  }
});
