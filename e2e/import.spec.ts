import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { test as base, expect } from './support/fixtures.ts';

const test = base;

test('thread', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'sill-gguf-'));
  writeStoriesGguf(join(folder, 'stories.gguf'), 'Q8_0');
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'try';
    document.body.append(input);
  });
  await page.locator('#try').setInputFiles(join(folder, 'stories.gguf'));
  const out = await page.evaluate(async () => {
    const file = document.querySelector<HTMLInputElement>('#try')?.files?.[0];
    if (!file || !globalThis.sill) throw new Error('no');
    const found = await globalThis.sill.models.inspectFile(file);
    const phases: unknown[] = [];
    const start = performance.now();
    const model = await globalThis.sill.models.importFile(file, { onProgress: (p) => phases.push(p) }).catch((e) => ({ code: e.code, m: e.message, d: e.details }));
    const took = performance.now() - start;
    const answer = await globalThis.sill.completions.create({ model: found.id, prompt: 'Once upon a time', temperature: 0, max_tokens: 20 }).catch(() => undefined);
    return { found, model, phases, took, answer, list: await globalThis.sill.imports.list() };
  });
  console.log(JSON.stringify(out, undefined, 1).slice(0, 9000));
  await rm(folder, { recursive: true });
});
