import { describe, expect, it } from 'vitest';
import { parseTaskOptions, TASK_OPTIONS } from './taskOptions.ts';
import { TASKS, taskNamed } from './tasks.ts';

describe('options of a task', () => {
  it('are all left open, in every task', () => {
    for (const task of TASKS) expect(() => parseTaskOptions(task)).not.toThrow();
    expect(parseTaskOptions('text-classification')).toEqual({ top_k: 5 });
    expect(Object.keys(TASK_OPTIONS)).toEqual(expect.arrayContaining([...TASKS]));
  });

  it('that a task does not have are refused with those that it has', () => {
    expect(() => parseTaskOptions('object-detection', { treshold: 0.3 })).toThrow(/"treshold".*object-detection has: threshold\./);
    expect(() => parseTaskOptions('depth-estimation', { threshold: 0.3 })).toThrow(/depth-estimation has no options/);
  });

  it.each([
    ['object-detection', { threshold: 2 }],
    ['image-classification', { top_k: 0 }],
    ['zero-shot-classification', { hypothesis_template: 'This is it.' }],
    ['text-to-audio', { voice: '../F1' }],
    ['translation', 'de'],
  ] as const)('of %s are held to what makes sense: %o', (task, options) => {
    expect(() => parseTaskOptions(task, options)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('a name of a task', () => {
  it('may be one that others use', () => {
    expect(['ner', 'sentiment-analysis', 'text-to-speech', 'translation_en_to_de', 'sentence-similarity'].map(taskNamed)).toEqual([
      ...['token-classification', 'text-classification', 'text-to-audio', 'translation', 'feature-extraction'],
    ]);
    expect(['toString', 'mask-generation', ''].map(taskNamed)).toEqual([undefined, undefined, undefined]);
  });
});
