import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { TASKS } from '../core/tasks.ts';
import { AnyInputSchema, parseTaskInput } from './taskInput.ts';

const image = { width: 2, height: 1, data: new Uint8ClampedArray(8) };

describe('what a task works on', () => {
  it('is taken as it is, defaults and all, and is something that some task takes', () => {
    const inputs = [
      ['summarization', 'a text'],
      ['feature-extraction', ['one', 'two']],
      ['text-generation', [{ role: 'user', content: 'Hello' }]],
      ['object-detection', { image: new Blob(['x']) }],
      ['zero-shot-image-classification', { image, candidate_labels: ['a'] }],
      ['question-answering', { question: 'Who?', context: 'Anna.' }],
      ['audio-classification', { audio: new Float32Array(3) }],
    ] as const;
    for (const [task, input] of inputs) {
      expect(parseTaskInput(task, input)).toEqual(input);
      expect(v.is(AnyInputSchema, input)).toBe(true);
    }
  });

  it('is asked for in words when it is something else', () => {
    for (const task of TASKS) expect(() => parseTaskInput(task, 7)).toThrow(new RegExp(`^${task} works on `));
    expect(() => parseTaskInput('object-detection', 'a text')).toThrow(/works on \{ image \}: a file of a picture/);
    expect(() => parseTaskInput('zero-shot-classification', { text: 'a', candidate_labels: [] })).toThrow(/name at least one label/);
  });

  it.each([
    ['another number of bytes', { ...image, data: new Uint8ClampedArray(7) }],
    ['no width', { ...image, width: 0 }],
    ['more pixels than any camera', { width: 20_000, height: 20_000, data: new Uint8ClampedArray(4) }],
  ])('is no picture with %s', (_, picture) => {
    expect(() => parseTaskInput('image-classification', { image: picture })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('is not empty', () => {
    expect(() => parseTaskInput('translation', '')).toThrow(expect.objectContaining({ code: 'empty_input' }));
    expect(() => parseTaskInput('audio-classification', { audio: new Float32Array() })).toThrow(
      expect.objectContaining({ code: 'empty_input' }),
    );
  });
});
