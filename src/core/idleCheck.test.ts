import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterRound, afterSlice, type CheckState, type CheckTarget, nextSlice, verifiedAt } from './idleCheck.ts';
import { parseDigest, parseModelId, parseRevisionId } from './ids.ts';

const digestOf = (n: number) => parseDigest(`sha256:${n.toString(16).padStart(64, '0')}`);
const targetOf = (n: number, sizes: readonly number[], installedAtMs = 0): CheckTarget => ({
  modelId: parseModelId(`m${n}`),
  revision: parseRevisionId(digestOf(n)),
  installedAtMs,
  chunks: sizes.map((sizeBytes, i) => ({ digest: digestOf(n * 100 + i), sizeBytes })),
});
const RULE = { nowMs: 1000, everyMs: 100, budgetBytes: 10 };

/** Checks slice after slice at one moment until nothing is due; the numbers of the models, in order. */
function checkAll(targets: readonly CheckTarget[], rule = RULE, state: CheckState = []) {
  const seen: string[] = [];
  const digests: string[] = [];
  for (let slice = nextSlice(targets, state, rule); slice; slice = nextSlice(targets, state, rule)) {
    seen.push(slice.target.modelId);
    digests.push(...slice.chunks.map(({ digest }) => digest));
    state = afterSlice(targets, state, slice, slice.chunks.length, rule.nowMs);
    if (seen.length > 1000) throw new Error('it never ends');
  }
  return { seen, digests, state };
}

const anyTargets = fc
  .uniqueArray(fc.record({ n: fc.nat(20), sizes: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }), at: fc.nat(800) }), {
    selector: ({ n }) => n,
    maxLength: 6,
  })
  .map((all) => all.map(({ n, sizes, at }) => targetOf(n, sizes, at)));

describe('the check at idle', () => {
  test('takes the revision that was verified longest ago, and goes on where it stopped', () => {
    const targets = [targetOf(1, [6, 6], 50), targetOf(2, [6], 10)];
    expect(checkAll(targets).seen).toEqual(['m2', 'm1', 'm1']);
  });

  test('leaves alone what came or was verified lately, but not what is dated in the future', () => {
    const fresh = targetOf(1, [1], 950);
    expect(nextSlice([fresh], [], RULE)).toBeUndefined();
    expect(nextSlice([targetOf(1, [1], 5000)], [], RULE)?.target.modelId).toBe('m1');
    const verified = afterRound([], targetOf(2, [1]).revision, 990);
    expect(nextSlice([targetOf(2, [1], 0)], verified, RULE)).toBeUndefined();
  });

  test('begins anew where the round was of a longer variant', () => {
    const target = targetOf(1, [1, 1]);
    expect(nextSlice([target], [{ revision: target.revision, done: 7 }], RULE)?.from).toBe(0);
  });

  test('that was interrupted has done what it did', () => {
    const targets = [targetOf(1, [1, 1, 1])];
    const slice = nextSlice(targets, [], RULE);
    if (!slice) throw new Error('nothing is due');
    const state = afterSlice(targets, [], slice, 2, 1000);
    expect(nextSlice(targets, state, RULE)?.from).toBe(2);
    expect(verifiedAt(targetOf(1, [], 7), state)).toBe(7);
  });

  test('reads every chunk of every revision that is due exactly once, then rests', () => {
    fc.assert(
      fc.property(anyTargets, (targets) => {
        const { digests, state } = checkAll(targets);
        expect(digests.toSorted()).toEqual(targets.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)).toSorted());
        for (const target of targets) if (target.chunks.length > 0) expect(verifiedAt(target, state)).toBe(RULE.nowMs);
      }),
    );
  });

  test('never reads more at once than its budget, but always something', () => {
    fc.assert(
      fc.property(anyTargets, fc.integer({ min: 1, max: 30 }), (targets, budgetBytes) => {
        const chunks = nextSlice(targets, [], { ...RULE, budgetBytes })?.chunks;
        if (!chunks) return targets.every((target) => target.chunks.length === 0);
        return chunks.length === 1 || chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= budgetBytes;
      }),
    );
  });

  test('forgets revisions that are gone', () => {
    fc.assert(
      fc.property(anyTargets, (targets) => {
        const { state } = checkAll([...targets, targetOf(99, [1])]);
        const [target] = targets.filter(({ chunks }) => chunks.length > 0);
        if (!target) return;
        const after = afterSlice(targets, state, { target, from: 0, chunks: target.chunks }, target.chunks.length, 2000);
        expect(after.map(({ revision }) => revision)).not.toContain(targetOf(99, []).revision);
      }),
    );
  });
});
