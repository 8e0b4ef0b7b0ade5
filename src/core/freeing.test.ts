import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freedBy, type Holder, planFreeing, stepsOf } from './freeing.ts';
import { type Digest, parseDigest, parseModelId, parseRevisionId } from './ids.ts';

const digestOf = (n: number): Digest => parseDigest(`sha256:${n.toString(16).padStart(64, '0')}`);
const chunk = (n: number) => ({ digest: digestOf(n), sizeBytes: n + 1 });
const holder = (modelId: string, kind: Holder['kind'], chunks: readonly number[], more: Partial<Holder> = {}): Holder => ({
  kind,
  modelId: parseModelId(modelId),
  revision: parseRevisionId(digestOf(['running', 'previous', 'unfinished'].indexOf(kind) + 1)),
  chunks: chunks.map(chunk),
  lastUsedAtMs: 0,
  kept: false,
  ...more,
});
const names = (holders: readonly Holder[], wantedBytes: number) =>
  planFreeing(holders, wantedBytes).steps.map((step) => `${step.kind} ${step.modelId}`);

const anyHolders = fc
  .array(
    fc.record({
      model: fc.constantFrom('a', 'b', 'c', 'd'),
      kind: fc.constantFrom('unfinished', 'previous', 'running'),
      chunks: fc.uniqueArray(fc.nat(12), { maxLength: 6 }),
      lastUsedAtMs: fc.nat(5),
      kept: fc.boolean(),
    } as const),
    { maxLength: 10 },
  )
  .map((all) => {
    const once = new Map(all.map((each) => [`${each.model} ${each.kind}`, each]));
    return [...once.values()].map(({ model, kind, chunks, ...more }) => holder(model, kind, chunks, more));
  });
const bytes = fc.nat(120);

describe('what to give up for space', () => {
  test('begins with unfinished downloads and earlier versions, then takes models by their last use', () => {
    const holders = [
      holder('old', 'running', [9], { lastUsedAtMs: 1 }),
      holder('new', 'running', [8], { lastUsedAtMs: 9 }),
      holder('new', 'previous', [3]),
      holder('begun', 'unfinished', [4]),
    ];
    expect(names(holders, 5)).toEqual(['unfinished begun']);
    expect(names(holders, 6)).toEqual(['unfinished begun', 'previous new']);
    expect(names(holders, 15)).toEqual(['unfinished begun', 'model old']);
    expect(planFreeing(holders, 1000)).toMatchObject({ enough: false, freesBytes: 28 });
  });

  test('takes what was made of a download before the download, and with an earlier version what was made of that', () => {
    const running = parseRevisionId(digestOf(1));
    const earlier = parseRevisionId(digestOf(2));
    const holders = [
      holder('a', 'running', [9]),
      holder('a', 'form', [20], { revision: running }),
      holder('a', 'previous', [3]),
      holder('a', 'form', [30], { revision: earlier }),
    ];
    expect(planFreeing(holders, 35)).toMatchObject({ steps: [{ kind: 'previous', freesBytes: 35 }] });
    expect(names(holders, 40)).toEqual(['previous a', 'form a']);
    expect(names(holders, 60)).toEqual(['model a']);
    // Another variant of what runs: its form is not let go of with it.
    const same = [
      holder('a', 'running', [9]),
      holder('a', 'previous', [9], { revision: running }),
      holder('a', 'form', [20], { revision: running }),
    ];
    expect(freedBy(same, stepsOf(same).slice(0, 1))).toBe(0);
  });

  test('spares the small sacrifices that a large model makes needless', () => {
    expect(names([holder('a', 'previous', [1]), holder('b', 'running', [50])], 51)).toEqual(['model b']);
  });

  test('counts what two share only when both are gone', () => {
    const holders = [holder('a', 'running', [9], { lastUsedAtMs: 1 }), holder('b', 'running', [9], { lastUsedAtMs: 2 })];
    expect(freedBy(holders, stepsOf(holders).slice(0, 1))).toBe(0);
    expect(planFreeing(holders, 1)).toMatchObject({ enough: true, freesBytes: 10, steps: [{ freesBytes: 0 }, { freesBytes: 10 }] });
  });

  test('never touches what is kept', () => {
    fc.assert(
      fc.property(anyHolders, bytes, (holders, wanted) => {
        const taken = planFreeing(holders, wanted).steps;
        return holders
          .filter(({ kept }) => kept)
          .every(({ modelId, kind }) => taken.every((step) => step.modelId !== modelId || (step.kind !== 'model' && step.kind !== kind)));
      }),
    );
  });

  test('is enough wherever everything that may go would be', () => {
    fc.assert(
      fc.property(anyHolders, bytes, (holders, wanted) => {
        const everything = freedBy(holders, stepsOf(holders));
        const { enough, freesBytes } = planFreeing(holders, wanted);
        return enough ? freesBytes >= wanted && everything >= wanted : everything < wanted && freesBytes === everything;
      }),
    );
  });

  test('frees what it says, and has no step too many', () => {
    fc.assert(
      fc.property(anyHolders, bytes, (holders, wanted) => {
        const { steps, freesBytes, enough } = planFreeing(holders, wanted);
        expect(freedBy(holders, steps)).toBe(freesBytes);
        expect(steps.reduce((sum, step) => sum + step.freesBytes, 0)).toBe(freesBytes);
        if (enough)
          for (const step of steps)
            expect(
              freedBy(
                holders,
                steps.filter((other) => other !== step),
              ),
            ).toBeLessThan(wanted);
      }),
    );
  });

  test('takes a model only when all the unfinished and earlier versions were not enough', () => {
    fc.assert(
      fc.property(anyHolders, bytes, (holders, wanted) => {
        const small = stepsOf(holders).filter((step) => step.kind !== 'model');
        const { steps } = planFreeing(holders, wanted);
        return freedBy(holders, small) < wanted || steps.every((step) => step.kind !== 'model');
      }),
    );
  });
});
