import { expect, test } from 'vitest';
import { parseNote } from './lostModel.ts';

const model = { id: 'tiny', name: 'Tiny', variant: 'int8-wasm', sizeBytes: 5 };

test('what a page noted of its models is read back, with the era that it is of', () => {
  expect(parseNote(JSON.stringify({ era: 'second', models: [model] }))).toEqual({ era: 'second', models: [model] });
});

test('a note of a version that knew no eras is of the first one', () => {
  expect(parseNote(JSON.stringify([model]))).toEqual({ era: '', models: [model] });
});

test('no note, one of another form, and text that is no note at all are nothing to miss', () => {
  for (const text of [null, undefined, '', '{', '{}', JSON.stringify([{ ...model, id: '../x' }]), JSON.stringify([{ id: 'tiny' }])]) {
    expect(parseNote(text)).toEqual({ era: '', models: [] });
  }
});
