import { expect, type Page } from '@playwright/test';

/** What a person and their devices leave in the views. */
export async function fill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { sill } = globalThis;
    const head = { id: 'c1', title: 'Sewing', createdAtMs: 1, updatedAtMs: 1, model: 'stories15m', system: '' };
    const answer = { state: 'done', ending: 'stop', model: 'stories15m' };
    const messages = [
      { id: 'm1', createdAtMs: 1, role: 'user', text: 'How is a button sewn on?' },
      { id: 'm2', parent: 'm1', createdAtMs: 2, role: 'assistant', text: 'With *thread*.', answer },
    ];
    await sill?.conversations.write({
      heads: [{ id: 'c1', version: 0, body: JSON.stringify(head) }],
      messages: messages.map((message) => ({ conversation: 'c1', id: message.id, body: JSON.stringify(message) })),
    });
    const row = {
      ...{ build_commit: '1de7be90', backends: 'CPU', model_filename: 'stories15M-q8_0.gguf', model_type: 'llama Q8_0', n_threads: 2 },
      ...{ n_prompt: 128, n_gen: 0, n_depth: 0, test_time: '2025-05-20T10:00:00Z', avg_ts: 1200, stddev_ts: 9, samples_ts: [1191, 1209] },
    };
    await sill?.benchmarks.import(new Blob([JSON.stringify([row])]));
    const text = JSON.stringify({ id: 'begins', prompt: 'Once upon a time', max_tokens: 4, assert: [{ type: 'contains', value: 'x' }] });
    await sill?.evaluations.save({ name: 'stories', text });
    await sill?.evaluations.run({ model: 'stories15m', suite: 'stories' });
    location.hash = '#/chat?conversation=c1';
  });
  await expect(page.getByRole('article', { name: 'You' })).toBeVisible();
}
