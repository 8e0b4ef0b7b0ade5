import { expect, test } from './support/fixtures.ts';

test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

test('probe', async ({ page }) => {
  const out = await page.evaluate(async () => {
    const sill = globalThis.sill!;
    const log: unknown[] = [];
    log.push(await sill.memory());
    await sill.completions.create({ model: 'stories15m', prompt: 'Once upon a time', max_tokens: 100, keep_alive: '2m' });
    log.push(await sill.memory());
    await sill.embeddings.create({ model: 'all-minilm-l6-v2', input: 'hello', keep_alive: -1 });
    log.push(await sill.memory());
    const t = performance.now();
    const measure = Reflect.get(performance, 'measureUserAgentSpecificMemory');
    log.push(typeof measure);
    if (typeof measure === 'function') {
      const m = await measure.call(performance);
      log.push({ ms: performance.now() - t, m });
    }
    await sill.memory.setSettings({ budgetBytes: 150 * 2 ** 20 });
    log.push(await sill.memory());
    await sill.completions.create({ model: 'stories15m', prompt: 'Once upon a time', max_tokens: 10, keep_alive: 0 });
    await new Promise((r) => setTimeout(r, 300));
    log.push(await sill.memory());
    log.push(await sill.health());
    return log;
  });
  console.log(JSON.stringify(out, null, 1));
});
