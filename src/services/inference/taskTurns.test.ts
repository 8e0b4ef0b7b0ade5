import { expect, it } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import type { UseOptions } from '../sessions/sessions.ts';
import { putModel } from '../testing/storeFixture.ts';
import { createInference, type InferenceDeps } from './inference.ts';

const model = parseModelId('writer');
const { signal } = new AbortController();

/** An engine whose lines only write down what is asked of them. */
async function asked() {
  const store = createMemoryStore();
  await putModel(store, { model: 'writer', parts: ['weights'] });
  const uses: UseOptions[] = [];
  const sessions = {
    loaded: () => [],
    use: async (_id: unknown, _signal: unknown, _work: unknown, options: UseOptions) => {
      uses.push(options);
    },
  };
  return { inference: createInference({ sessions, store } as unknown as InferenceDeps), uses };
}

it('a task is not asked of a model that has another one: its answers need not end for that first', async () => {
  const { inference, uses } = await asked();
  await expect(inference.embed(model, ['a'], { signal })).rejects.toMatchObject({ code: 'unsupported_task' });
  await expect(inference.transcribe(model, { audio: new Float32Array(1) }, { signal })).rejects.toMatchObject({ code: 'unsupported_task' });
  expect(uses).toEqual([]);
});

it('what a model computes for one request at a time takes all places of its line, whose order then holds', async () => {
  const { inference, uses } = await asked();
  const other = parseModelId('not-here');
  await inference.embed(other, ['a'], { signal, priority: 'background' });
  await inference.run(other, { task: 'summarization', input: 'a text' }, { signal });
  expect(uses).toEqual([{ priority: 'background', alone: true }, { alone: true }]);
});
