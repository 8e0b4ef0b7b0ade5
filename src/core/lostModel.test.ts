import { expect, test } from 'vitest';
import { parseLostModels } from './lostModel.ts';

const model = { id: 'tiny', name: 'Tiny', variant: 'int8-wasm', sizeBytes: 5 };

test('what a page noted of its models is read back', () => {
  expect(parseLostModels(JSON.stringify([model]))).toEqual([model]);
});

test('no note, one of another form, and text that is no note at all are nothing to miss', () => {
  for (const text of [null, undefined, '', '{', '{}', JSON.stringify([{ ...model, id: '../x' }]), JSON.stringify([{ id: 'tiny' }])]) {
    expect(parseLostModels(text)).toEqual([]);
  }
});
