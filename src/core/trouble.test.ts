import { describe, expect, it } from 'vitest';
import { parseModelId } from './ids.ts';
import { afterAnswer, afterLoss, currentTrouble, FORGIVEN_AFTER_MS, MAX_LOSSES, refuseCrashLoop } from './trouble.ts';

const RUNNING = { revision: 'r', variant: 'v' };
const DIED = { code: 'worker_lost', message: 'It died.' } as const;
const ID = parseModelId('tiny');
const losses = (count: number, atMs = 0) => {
  let trouble = afterLoss(undefined, RUNNING, DIED, atMs);
  for (let i = 1; i < count; i++) trouble = afterLoss(trouble, RUNNING, DIED, atMs);
  return trouble;
};

describe('a model that fails', () => {
  it('is tried so often and no more, with words that say how long and what to do', () => {
    expect(() => refuseCrashLoop(ID, losses(MAX_LOSSES - 1), 0)).not.toThrow();
    expect(() => refuseCrashLoop(ID, losses(MAX_LOSSES), 60_000)).toThrow(/4 times in a row.*9 minutes.*It died\..*smaller variant/);
  });

  it('starts counting anew with an answer, and stays in the lighter form that gave it', () => {
    expect(afterAnswer(losses(3))).toMatchObject({ losses: 0, lighter: 3 });
  });

  it('is forgiven after a while, after a clock that was set back, and when it is another revision or variant', () => {
    const trouble = losses(2, 1000);
    expect(currentTrouble(trouble, RUNNING, 1000 + FORGIVEN_AFTER_MS - 1)).toBe(trouble);
    expect(currentTrouble(trouble, RUNNING, 1000 + FORGIVEN_AFTER_MS)).toBeUndefined();
    expect(currentTrouble(trouble, RUNNING, 0)).toBeUndefined();
    expect(currentTrouble(trouble, { ...RUNNING, revision: 'another' }, 1000)).toBeUndefined();
    expect(currentTrouble(trouble, { ...RUNNING, variant: 'another' }, 1000)).toBeUndefined();
  });
});
