import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { complete } from './sill.ts';

/** What is kept where nothing was compiled is an index of some kilobytes. */
const COMPILED_BYTES = 1_000_000;

/**
 * Computes with a model until the browser has written down what it compiled of the runtime. Without that each browser that begins with the profile
 * compiles it anew: 2.6 s of processor for the first 128 tokens in place of 1.2.
 * @param profile folder of the browser
 */
export async function compile(page: Page, model: string, profile: string): Promise<void> {
  const task = await page.evaluate(async (id) => (await globalThis.sill?.models.list())?.find((each) => each.id === id)?.task, model);
  // Another model computes with the same runtime; nothing is written down of the few operators that only it has.
  if (task !== 'text-generation') return;
  await complete(page, { model, max_tokens: 128, temperature: 0 });
  // A browser that keeps nothing of the kind is not waited for long.
  await expect
    .poll(() => sizeOf(join(profile, 'Default/Code Cache/wasm')), { timeout: 15_000 })
    .toBeGreaterThan(COMPILED_BYTES)
    .catch(() => undefined);
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = files.filter((file) => file.isFile()).map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
