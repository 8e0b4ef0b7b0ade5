import * as v from 'valibot';
import { AssertionResultSchema } from '../../core/evaluationRun.ts';
import type { ModelId } from '../../core/ids.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { SuiteProgress } from '../evaluations/evaluate.ts';

/** The revision on trial, and the running one, which is asked the same. */
const ROLES = ['candidate', 'active'] as const;
export type KeptRole = (typeof ROLES)[number];

const positive = v.pipe(v.number(), v.finite(), v.minValue(0));
const KeptSchema = v.object({
  of: v.string(),
  cases: v.array(
    v.object({
      id: v.string(),
      pass: v.boolean(),
      score: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      asserts: v.array(AssertionResultSchema),
    }),
  ),
  written: positive,
  fastest: positive,
});

/** What a run of a suite goes on from, and by what it says how far it is. */
export interface Kept {
  readonly begun?: SuiteProgress;
  readonly onProgress: (progress: SuiteProgress) => Promise<void>;
}

/** Cases of a trial that are answered, so that one which was interrupted goes on from there. Each is written before the next is asked. */
export interface KeptCases {
  /** @param of everything that an answer and its verdict hang on: where any of it is another, nothing is taken over */
  of(id: ModelId, role: KeptRole, of: readonly string[]): Promise<Kept>;
  /** The trial has its verdict, or its model has gone. */
  forget(id: ModelId): Promise<void>;
}

const keyOf = (id: ModelId, role: KeptRole): string => `trial-cases ${role} ${id}`;

export const createKeptCases = (settings: SettingsStore): KeptCases => ({
  async of(id, role, parts) {
    const key = keyOf(id, role);
    const of = JSON.stringify(parts);
    const kept = v.safeParse(KeptSchema, await settings.get(key));
    const onProgress = (progress: SuiteProgress): Promise<void> =>
      // Where there is no room for it the trial begins at its first case again, which is no reason to fail it now.
      settings.set(key, { of, ...progress }).catch(() => undefined);
    if (!kept.success || kept.output.of !== of) return { onProgress };
    const { of: _, ...begun } = kept.output;
    return { begun, onProgress };
  },
  async forget(id) {
    for (const role of ROLES) await settings.delete(keyOf(id, role));
  },
});
