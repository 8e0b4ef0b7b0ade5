import { expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { EvaluationProgress } from '../protocol/evaluations.ts';
import type { Sill } from '../protocol/sill.ts';
import { Activity } from './activity.ts';
import { EvaluationsStore } from './evaluations-store.ts';

const PROGRESS: EvaluationProgress = { id: 'run-1', phase: 'running', done: 40, total: 50, passed: 40 };

/** An engine on which a run of forty judged cases lies, and goes on until it is stopped. */
function device({ exports = async (): Promise<Blob> => new Blob(['run-1']) } = {}) {
  const kept = new Set(['run-1']);
  const sill = {
    watch: () => () => undefined,
    evaluations: {
      run: (_request: unknown, { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: EvaluationProgress) => void }) =>
        new Promise((_, reject) => {
          onProgress(PROGRESS);
          signal.addEventListener('abort', () => reject(new SillError('aborted', 'Stopped.')));
        }),
      export: exports,
      remove: async (id: string) => (kept.delete(id) ? 1 : 0),
      import: async (copy: Blob) => void kept.add(await copy.text()),
    },
  };
  const store = new EvaluationsStore(new Activity());
  store.connect(sill as unknown as Sill);
  return { kept, store };
}

it('a run that is cancelled is gone at once, and comes back as it was before, to go on', async () => {
  const { kept, store } = device();
  const ended = store.start({ model: 'tiny' });
  const offers: Array<() => Promise<void>> = [];
  store.cancel((bring) => offers.push(bring));
  await ended;
  expect(store.run).toEqual({ kind: 'cancelled', model: 'tiny' });
  expect(kept.size).toBe(0);
  await offers[0]?.();
  expect([...kept]).toEqual(['run-1']);
  expect(store.run).toEqual({ kind: 'paused', model: 'tiny', id: 'run-1' });
});

it('a run that cannot be dropped is said to be paused', async () => {
  const { kept, store } = device({ exports: () => Promise.reject(new SillError('storage_unavailable', 'No.')) });
  const ended = store.start({ model: 'tiny' });
  store.cancel(() => expect.fail('offered what is there'));
  await ended;
  expect([...kept]).toEqual(['run-1']);
  expect(store.run).toEqual({ kind: 'paused', model: 'tiny', id: 'run-1' });
});
