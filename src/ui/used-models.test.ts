import { describe, expect, it } from 'vitest';
import type { Task } from '../core/tasks.ts';
import { proposedModel } from './used-models.ts';

const model = (id: string, task: Task, base?: string) => ({ id, task, ...(base ? { derived: { base } } : {}) });
const MINILM = model('all-minilm-l6-v2', 'feature-extraction');
const STORIES = model('stories15m', 'text-generation');
const WHISPER = model('whisper-tiny', 'automatic-speech-recognition');
const TELLER = model('teller', 'text-generation', 'stories15m');
const ALL = [MINILM, STORIES, TELLER, WHISPER];

describe('the model that a view begins with', () => {
  it.each([
    ['the one that was used last', ['whisper-tiny', 'stories15m'], 'whisper-tiny'],
    ['what the one was made of that was used last', ['teller', 'whisper-tiny'], 'stories15m'],
    ['the one before, where the last one has gone', ['gone', 'all-minilm-l6-v2'], 'all-minilm-l6-v2'],
    ['one that writes, where none was used, whatever comes first by name', [], 'stories15m'],
  ])('is %s', (_which, used, proposed) => {
    expect(proposedModel([MINILM, STORIES, WHISPER], ALL, used)?.id).toBe(proposed);
  });

  it('is the first where none writes, and none where none is here', () => {
    expect(proposedModel([WHISPER, MINILM], ALL, [])?.id).toBe('whisper-tiny');
    expect(proposedModel([], ALL, ['stories15m'])).toBeUndefined();
  });
});
