import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { FAMILIES, familyGguf } from '../src/forge/gguf/testing/familyGguf.ts';
import { loudGguf } from '../src/forge/gguf/testing/loudGguf.ts';
import { expect } from './support/fixtures.ts';
import { left, MADE, NOTHING } from './support/imports.ts';
import { expectFormInSight } from './support/madeForm.ts';
import { test as publishing } from './support/publishing.ts';
import { acceptInstall, open } from './support/views.ts';

const DELIVERED = familyGguf(FAMILIES[0] ?? { title: '', architecture: '' });

/** As a browser does that is short of space: chunks that were made here vanish from the database. */
const loseMade = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const result = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await result(indexedDB.open('sill'));
    const tx = database.transaction(['derived', 'chunks'], 'readwrite');
    const rows: Array<{ about: { chunks?: string[] } }> = await result(tx.objectStore('derived').getAll());
    const [first] = rows.flatMap(({ about }) => about.chunks ?? []);
    if (first === undefined) throw new Error('nothing was made');
    await result(tx.objectStore('chunks').delete(first));
    database.close();
  });
// docs/import.md as it is written: a file becomes a folder that is published, and is published as it is.
const guide = readFileSync('docs/import.md', 'utf8');
const [imported = '', delivered = ''] = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block = '']) => block)
  .filter((block) => block.includes('publish'));
const script = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';

const published = publishing.extend({
  publisher: async ({ publisher }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-delivered-'));
    for (const [name, commands] of [
      ['made', imported],
      ['as-it-is', delivered],
    ] as const) {
      const own = join(folder, name);
      await mkdir(own);
      // Tiny, since it is made thrice; of its words nothing depends.
      await writeFile(join(own, 'tiny.Q8_0.gguf'), DELIVERED);
      await writeFile(join(own, 'LICENSE'), 'MIT, for this test.');
      expect(await publisher.follow(commands, own)).toContain('tiny');
    }
    await use(publisher);
    await rm(folder, { recursive: true, force: true });
  },
});

published(
  'the guide works as it is written: what a publisher did by it one click brings, what is lost of it is made again, and its script runs',
  async ({ page, site }) => {
    await open(page, 'Models');
    // A checkout may have TinyLlama in its catalog as well.
    const entry = page.getByRole('article', { name: 'tiny', exact: true });
    await entry.getByRole('button', { name: 'Install tiny', exact: true }).click();
    await acceptInstall(page, 'tiny');
    await expect(entry.getByText('Installed', { exact: true })).toBeVisible(MADE);
    const answer = () =>
      page.evaluate(async () => {
        const request = { model: 'tiny', prompt: 'Once', max_tokens: 8, temperature: 0, logprobs: 1 } as const;
        return (await globalThis.sill?.completions.create(request))?.choices[0];
      });
    const first = await answer();
    expect(first?.logprobs?.tokens.length).toBeGreaterThan(0);
    const { modelBytes = 0, unfinishedBytes } = await left(page);
    expect(unfinishedBytes).toBe(0);
    // What was delivered, and what was made of it.
    expect(modelBytes).toBeGreaterThan(1.3 * DELIVERED.length);
    await page.evaluate(() => globalThis.sill?.models.unload('tiny'));
    await loseMade(page);
    expect(await answer()).toEqual(first);
    await expectFormInSight(page, 'tiny');
    expect(await answer()).toEqual(first);
    await page.evaluate(() => globalThis.sill?.models.remove('tiny'));
    expect(await left(page)).toEqual(NOTHING);

    const talking = Buffer.from(loudGguf("{% for message in messages %}{{ message['content'] }}{% endfor %}"));
    site.answer(({ path }) => (path === 'files/talking.gguf' ? { body: talking, type: 'application/octet-stream' } : undefined));
    const said = await page.evaluate<{ id: string; text: string }>(
      `(async (sill) => {
      const file = new File([await (await fetch('files/talking.gguf')).blob()], 'talking.gguf');
      const messages = [{ role: 'user', content: 'the old ' }];
      ${script.replace('await sill.chat', 'const answer = await sill.chat')}
      return { id: model.id, text: answer.choices[0].message.content };
    })(globalThis.sill)`,
    );
    expect(said).toEqual({ id: 'file:talking', text: expect.stringMatching(/\w/) });
    // What holds conversations is talked to, and not written with.
    await open(page, 'Import');
    await page.getByRole('article', { name: 'Loud tiny' }).getByRole('link', { name: 'Chat with Loud tiny' }).click();
    await expect(page).toHaveURL(/#\/chat\?model=file%3Atalking/);
  },
);
