import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openApp, test } from './support/fixtures.ts';
import { complete, type Refusal, refusalOf, textOf } from './support/sill.ts';
import type { Answer, SiteRequest } from './support/site.ts';
import { acceptInstall, card, open } from './support/views.ts';

const HTML_PAGE: Answer = { type: 'text/html; charset=utf-8', body: '<!doctype html><title>Welcome to the guest network</title>' };
const MINILM = 'all-MiniLM-L6-v2';

const forPath =
  (pattern: RegExp, answer: (request: SiteRequest) => Answer) =>
  (request: SiteRequest): Answer | undefined =>
    pattern.test(request.path) ? answer(request) : undefined;

/** As many bytes as were asked for, and none of the right ones. */
const wrongBytes = ({ range }: SiteRequest): Answer => {
  const [from = 0, last = 0] = (range?.match(/\d+/g) ?? []).map(Number);
  return { status: 206, type: 'application/octet-stream', body: new Uint8Array(last - from + 1) };
};

/** What was installed before still writes what it wrote. */
async function expectUnharmed(page: Page): Promise<void> {
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
}

test.describe('what a publisher or a network sends', () => {
  test.use({ installed: ['stories15m', 'whisper-tiny'], shared: true });

  test('a list of models that is none is named as such; what was known before stays in it, and installed models work', async ({
    page,
    site,
  }) => {
    for (const [title, answer, code, words] of [
      ['a web page in place of it', () => HTML_PAGE, 'catalog_unavailable', 'The list of models cannot be reached'],
      ['a server without one', () => ({ status: 404, body: 'no' }), 'catalog_unavailable', 'The list of models cannot be reached'],
      [
        'one that nobody signed',
        () => ({ body: '{"signed":{"_type":"timestamp"},"signatures":[]}' }),
        'untrusted_catalog',
        'The list of models is not the one that its publisher signed',
      ],
    ] as const satisfies ReadonlyArray<readonly [string, () => Answer, Refusal['code'], string]>)
      await test.step(title, async () => {
        const mend = site.answer(forPath(/^models\/metadata\/timestamp\.json$/, answer));
        await page.reload();
        await open(page, 'Models');
        await expect(page.getByRole('main')).toContainText(words);
        await expect(card(page, 'Stories 15M')).toBeVisible();
        const list = await page.evaluate(() => globalThis.sill?.models.overview());
        expect(list?.catalogError?.code, list?.catalogError?.message).toBe(code);
        await expectUnharmed(page);
        mend();
      });
  });

  test('a manifest that is none is refused, and hides that model only', async ({ page, site }) => {
    for (const [title, answer, code, words] of [
      ['a web page', () => HTML_PAGE, 'catalog_unavailable', 'The list of models cannot be reached'],
      [
        'JSON of something else',
        () => ({ body: '{"hello":"world"}' }),
        'untrusted_catalog',
        'The parts of the list of models do not belong together',
      ],
    ] as const satisfies ReadonlyArray<readonly [string, () => Answer, Refusal['code'], string]>)
      await test.step(title, async () => {
        const mend = site.answer(forPath(/^models\/targets\/all-minilm.*manifest\.json$/, answer));
        const refusal = await refusalOf(page, (sill) => sill.models.install('all-minilm-l6-v2'));
        expect(refusal.code, refusal.message).toBe(code);
        await page.reload();
        await open(page, 'Models');
        await expect(page.getByRole('main')).toContainText(words);
        await expect(card(page, 'Whisper Tiny')).toBeVisible();
        await expect(card(page, MINILM)).toHaveCount(0);
        await expectUnharmed(page);
        mend();
      });
  });

  test('nothing is kept of wrong parts of a model, the person is told, and it can be continued once the server is mended', async ({
    page,
    site,
  }) => {
    const button = (what: string) => card(page, MINILM).getByRole('button', { name: `${what} ${MINILM}` });
    for (const [title, answer, code, words] of [
      ['bytes that are not what the manifest says', wrongBytes, 'chunk_mismatch', 'A downloaded part is not what the publisher described'],
      ['a web page', () => HTML_PAGE, 'chunk_unavailable', 'A part of the model cannot be found on the server'],
      ['gone', () => ({ status: 404, body: 'no' }), 'chunk_unavailable', 'A part of the model cannot be found on the server'],
    ] as const satisfies ReadonlyArray<readonly [string, (request: SiteRequest) => Answer, Refusal['code'], string]>)
      await test.step(title, async () => {
        const mend = site.answer(forPath(/all-minilm.*\.onnx$/, answer));
        await open(page, 'Models');
        await button('Install').click();
        await acceptInstall(page, MINILM);
        await expect(card(page, MINILM).getByRole('alert')).toContainText(words);
        expect((await refusalOf(page, (sill) => sill.models.install('all-minilm-l6-v2'))).code).toBe(code);
        // The tokenizer's files are small, and right.
        expect((await page.evaluate(() => globalThis.sill?.storage()))?.unfinishedBytes).toBeLessThan(1_000_000);
        await expectUnharmed(page);
        mend();
        await button('Continue installing').click();
        await expect(button('Remove')).toBeVisible();
        await page.evaluate(() => globalThis.sill?.models.remove('all-minilm-l6-v2'));
        await expect(button('Install')).toBeVisible();
      });
  });
});

test.describe('what a person or a program asks', () => {
  test.use({ installed: ['stories15m', 'whisper-tiny'], shared: true });

  test('that cannot be done is refused with a code and a reason, and the next request works', async ({ page }) => {
    const long = 'word '.repeat(400);
    const refusals: Array<[Refusal['code'], Refusal]> = [
      ['unknown_model', await refusalOf(page, (sill) => sill.models.install('no-such-model'))],
      ['model_not_installed', await refusalOf(page, (sill) => sill.completions.create({ model: 'no-such-model', prompt: 'Hi' }))],
      ['unknown_model', await refusalOf(page, (sill) => sill.completions.create({ model: 'Not a name!', prompt: 'Hi' }))],
      ['invalid_request', await refusalOf(page, (sill) => sill.models.install('../../etc'))],
      ['invalid_request', await refusalOf(page, (sill) => sill.models.install('stories15m', { variant: 'fp64-abacus' }))],
      ['model_not_installed', await refusalOf(page, (sill) => sill.embeddings.create({ model: 'all-minilm-l6-v2', input: 'Hi' }))],
      ['unsupported_task', await refusalOf(page, (sill) => sill.embeddings.create({ model: 'stories15m', input: 'Hi' }))],
      [
        'chat_template_missing',
        await refusalOf(page, (sill) => sill.chat.completions.create({ model: 'stories15m', messages: [{ role: 'user', content: 'Hi' }] })),
      ],
      ['context_length_exceeded', await refusalOf(page, (sill, prompt) => sill.completions.create({ model: 'stories15m', prompt }), long)],
      ['empty_input', await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: '' }))],
      ['invalid_request', await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Hi', temperature: 9 }))],
      ['invalid_request', await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Hi', max_tokens: 0 }))],
      [
        'audio_undecodable',
        await refusalOf(page, (sill) => sill.audio.transcriptions.create({ model: 'whisper-tiny', file: new Blob(['no sound']) })),
      ],
      ['empty_input', await refusalOf(page, (sill) => sill.audio.transcriptions.create({ model: 'whisper-tiny', file: new Blob([]) }))],
      [
        'empty_input',
        await refusalOf(page, (sill) => sill.audio.transcriptions.create({ model: 'whisper-tiny', file: new Float32Array(0) })),
      ],
    ];
    for (const [code, refusal] of refusals) {
      expect.soft(refusal.code, refusal.message).toBe(code);
      expect.soft(refusal.message.length, refusal.message).toBeGreaterThan(30);
    }
    await expectUnharmed(page);
  });

  test('is answered in the view with what happened and what to do', async ({ page }) => {
    await test.step('a prompt that is empty cannot be sent', async () => {
      await open(page, 'Write');
      await expect(page.getByRole('button', { name: 'Write on' })).toBeDisabled();
    });

    await test.step('a prompt longer than the context', async () => {
      await page.getByRole('textbox', { name: 'Beginning of the text' }).fill('word '.repeat(400));
      await page.getByRole('button', { name: 'Write on' }).click();
      const alert = page.locator('sill-write-view').getByRole('alert');
      await expect(alert).toContainText('The text is too long for this model');
      await expect(alert).toContainText('Shorten it');
    });

    await test.step('a file that is no audio', async () => {
      await open(page, 'Transcribe');
      const input = page.locator('sill-transcribe-view input[type=file]');
      await input.setInputFiles({
        name: 'notes.mp3',
        mimeType: 'audio/mpeg',
        buffer: Buffer.from('These are not the sounds you are looking for.'),
      });
      const alert = page.locator('sill-transcribe-view').getByRole('alert');
      await expect(alert).toContainText('This file has no sound that the browser can read');
      await expect(alert).toContainText('WAV, MP3, M4A or Ogg');
    });

    await expectUnharmed(page);
  });
});

test.describe('a browser that may store nothing', () => {
  test('is told apart from a failure: the reason and the remedy are shown, and the device is still described', async ({
    profile,
    openBrowser,
    site,
  }) => {
    await mkdir(join(profile, 'Default'), { recursive: true });
    // "Block all cookies and site data", as a person sets it.
    await writeFile(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
    const page = await openApp(await openBrowser(), site);
    for (const refusal of [
      await refusalOf(page, (sill) => sill.models.list()),
      await refusalOf(page, (sill) => sill.models.install('stories15m')),
      await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Hi' })),
      await refusalOf(page, (sill) => sill.storage()),
    ]) {
      expect(refusal.code).toBe('storage_unavailable');
      expect(refusal.message).toContain('allow this site to store data');
    }
    const health = await page.evaluate(() => globalThis.sill?.health());
    expect([health?.status, health?.problems[0]?.code]).toEqual(['degraded', 'storage_unavailable']);

    await open(page, 'Models');
    await expect(page.locator('sill-models-view').getByRole('alert')).toContainText('The browser refuses to store anything');
    await expect(page.getByText('Needs network')).toBeAttached();
    await open(page, 'Device');
    await expect(page.getByRole('region', { name: 'Processor' })).toContainText('isolated');
    await expect(page.getByRole('region', { name: 'Storage' })).toContainText('refused');
  });
});

test.describe('a browser without WebAssembly SIMD', () => {
  // V8 has WebAssembly SIMD on processors with SSE 4.1 only.
  test.use({ chromiumArgs: ['--js-flags=--no-enable-sse4-1'], installed: ['stories15m'] });

  test('is said to be too old for any model, before and after one was installed', async ({ page }) => {
    expect((await page.evaluate(() => globalThis.sill?.device()))?.wasm.simd).toBe(false);
    for (const refusal of [
      await refusalOf(page, (sill) => sill.models.install('all-minilm-l6-v2')),
      await refusalOf(page, (sill) => sill.completions.create({ model: 'stories15m', prompt: 'Hi' })),
    ]) {
      expect(refusal.code, refusal.message).toBe('unsupported_device');
      expect(refusal.message).toMatch(/SIMD/i);
    }
    await open(page, 'Overview');
    await expect(page.getByRole('region', { name: 'Health' })).toContainText('One thing needs attention.');
    await open(page, 'Models');
    await expect(card(page, MINILM)).toContainText('It needs a newer browser (WebAssembly SIMD).');
    await expect(card(page, MINILM).getByRole('button', { name: `Install ${MINILM}` })).toBeDisabled();
    await open(page, 'Device');
    await expect(page.getByRole('region', { name: 'Processor' })).toContainText(
      'No model can run on the processor without it. Update the browser.',
    );
  });
});
