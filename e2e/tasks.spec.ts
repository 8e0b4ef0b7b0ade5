import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessible.ts';
import { expect, openApp, test as siteTest } from './support/fixtures.ts';
import { forgetModels } from './support/hub.ts';
import { hubTest as test } from './support/hubTest.ts';
import { moderation, publish, textDirection, textFinder } from './support/otherModels.ts';
import { refusalOf } from './support/sill.ts';
import { acceptInstall, card } from './support/views.ts';

test.use({ shared: true });

test.afterEach(async ({ context, site }) => {
  await context.setOffline(false);
  await forgetModels(await openApp(context, site));
});

const add = (page: Page, name: string) => page.evaluate((model) => globalThis.sill?.sources.add(model), name);

test.describe('models of other makers', () => {
  test.use({ shared: true });

  test.afterEach(async ({ context, site }) => {
    await context.setOffline(false);
    await forgetModels(await openApp(context, site));
  });

  test('a text classifier that nobody here chose is added for the task that a person names, and sorts messages without a network', async ({
    page,
    context,
    hub,
  }) => {
    publish(hub, 'group/moderation', moderation());
    // Its architecture is its maker's own, and the folder says nothing of a task.
    const refused = await refusalOf(page, (sill) => sill.sources.add('group/moderation'));
    expect(refused).toMatchObject({ code: 'unsupported_task', message: expect.stringContaining('text-classification') });
    const added = await page.evaluate(() => globalThis.sill?.sources.add('group/moderation', { task: 'text-classification' }));
    expect(added).toMatchObject({ id: 'hf:group/moderation', task: 'text-classification', state: 'installed' });

    await hub.close();
    await context.setOffline(true);
    const sorted = await page.evaluate(async () => {
      const run = async (input: string) =>
        globalThis.sill?.run({ model: 'hf:group/moderation', task: 'text-classification', input, options: { top_k: 7 } });
      return [await run('今天天气不错，晚上一起吃饭吗？'), await run('澳门线上真人荷官，首存送88，提现秒到账，百家乐老虎机任你玩')];
    });
    expect(sorted.map((answer) => answer?.output[0]?.label)).toEqual(['不违规', '博彩']);
    expect(sorted[1]?.output.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 3);
    expect(sorted[1]?.sill).toMatchObject({ model: 'hf:group/moderation', device: 'wasm', truncated: false });

    await card(page, 'moderation').getByText('Open in Run').click();
    const view = page.locator('sill-run-view');
    await view.getByRole('textbox').first().fill('今天天气不错，晚上一起吃饭吗？'.repeat(200));
    await view.getByRole('button', { name: 'Run' }).click();
    await expect(view.getByRole('region', { name: 'Answer' })).toContainText('The text is longer than this model reads');
  });

  test('two pictures models of another framework find text and tell how it stands', async ({ page, hub }) => {
    publish(hub, 'paddle/text-finder', textFinder(), { pipeline_tag: 'image-segmentation' });
    publish(hub, 'paddle/text-direction', textDirection());
    await add(page, 'paddle/text-finder');
    expect(await add(page, 'paddle/text-direction')).toMatchObject({ task: 'image-classification' });
    const seen = await page.evaluate(async () => {
      const sill = globalThis.sill;
      const picture = new OffscreenCanvas(640, 480);
      const drawn = picture.getContext('2d');
      if (!sill || !drawn) throw new Error('nothing to draw with');
      drawn.fillStyle = 'white';
      drawn.fillRect(0, 0, 640, 480);
      drawn.fillStyle = 'black';
      drawn.font = '48px sans-serif';
      drawn.fillText('Open the window', 130, 340);
      const image = await picture.convertToBlob();
      const { output } = await sill.run({ model: 'hf:paddle/text-finder', task: 'image-segmentation', input: { image } });
      const mask = output[0]?.mask;
      let inside = 0;
      let outside = 0;
      for (let y = 0; y < 480; y++) {
        for (let x = 0; x < 640; x++) {
          const isText = y > 290 && y < 355 && x > 120 && x < 500;
          if ((mask?.data[y * 640 + x] ?? 0) > 128) isText ? inside++ : outside++;
        }
      }
      const line = new OffscreenCanvas(192, 48);
      const pen = line.getContext('2d');
      if (!pen) throw new Error('nothing to draw with');
      const standing = async (turned: boolean) => {
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.fillStyle = 'white';
        pen.fillRect(0, 0, 192, 48);
        if (turned) pen.setTransform(-1, 0, 0, -1, 192, 48);
        pen.fillStyle = 'black';
        pen.font = '32px sans-serif';
        pen.fillText('Window 2026', 6, 36);
        const bitmap = line.transferToImageBitmap();
        return (await sill.run({ model: 'hf:paddle/text-direction', task: 'image-classification', input: { image: bitmap } })).output;
      };
      return { size: [mask?.width, mask?.height], inside, outside, upright: await standing(false), turned: await standing(true) };
    });
    expect(seen.size).toEqual([640, 480]);
    expect(seen.inside).toBeGreaterThan(5000);
    expect(seen.outside).toBeLessThan(seen.inside / 20);
    expect(seen.upright[0]).toMatchObject({ label: 'upright' });
    expect(seen.turned[0]).toMatchObject({ label: 'upside down' });
    // The graph ends in a softmax of its own: a second one would make 0.73 the largest share that there can be.
    expect(seen.upright[0]?.score).toBeGreaterThan(0.8);
  });

  test('a person adds a model for a task, runs it in a form made for that, and sees the answer drawn over the picture', async ({
    page,
    hub,
  }) => {
    publish(hub, 'paddle/text-finder', textFinder());
    await page.getByRole('textbox', { name: 'Name or address of the model' }).fill('paddle/text-finder');
    await page.getByLabel('Task').selectOption({ label: 'Outlines things in pictures' });
    await page.getByRole('button', { name: 'Look up' }).click();
    await acceptInstall(page, 'text-finder');
    const card = page.getByRole('article', { name: 'text-finder' });
    await expect(card.getByText('Outlines things in pictures')).toBeVisible();
    await card.getByText('Open in Run').click();

    const view = page.locator('sill-run-view');
    await expect(view.getByRole('button', { name: 'Run' })).toBeDisabled();
    await view.locator('input[type=file]').setInputFiles({ name: 'line.png', mimeType: 'image/png', buffer: await pictureOfText(page) });
    await expect(view.getByRole('img', { name: 'The picture that you chose' })).toBeVisible();
    await view.getByRole('button', { name: 'Run' }).click();
    const answer = view.getByRole('region', { name: 'Answer' });
    await expect(answer.getByRole('img', { name: 'Your picture, and in it: What stands out' })).toBeVisible();
    await expect(answer.getByRole('list', { name: 'What was found' })).toContainText('What stands out');
    // What was black and white has the colour of the mask where the text is.
    const coloured = () =>
      answer.getByRole('img').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')?.getImageData(150, 310, 100, 20) ?? { data: new Uint8ClampedArray() };
        let blue = 0;
        for (let at = 0; at < data.length; at += 4) if ((data[at + 2] ?? 0) - (data[at] ?? 0) > 40) blue++;
        return blue;
      });
    await expect.poll(coloured).toBeGreaterThan(500);
    await expectAccessible(page, 'Run, done');
    await view.locator('input[type=file]').setInputFiles({ name: 'line.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await view.getByRole('button', { name: 'Run' }).click();
    await expect(answer.getByRole('alert')).toContainText('no picture that the browser can read');
  });
});

/** Black on white, 640 x 480. */
async function pictureOfText(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const picture = new OffscreenCanvas(640, 480);
    const drawn = picture.getContext('2d');
    if (!drawn) throw new Error('nothing to draw with');
    drawn.fillStyle = 'white';
    drawn.fillRect(0, 0, 640, 480);
    drawn.fillStyle = 'black';
    drawn.font = '48px sans-serif';
    drawn.fillText('Open the window', 130, 340);
    return [...new Uint8Array(await (await picture.convertToBlob()).arrayBuffer())];
  });
  return Buffer.from(bytes);
}

siteTest.describe('the models that the site comes with', () => {
  siteTest.use({ installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'] });

  siteTest('go through the same door as all others', async ({ page }) => {
    const speech = (await readFile(join(import.meta.dirname, 'fixtures/speech.wav'))).toString('base64');
    const answers = await page.evaluate(async (spoken) => {
      const run = globalThis.sill?.run;
      if (!run) throw new Error('globalThis.sill is missing');
      const audio = new Blob([Uint8Array.from(atob(spoken), (letter) => letter.charCodeAt(0))]);
      const told: unknown[] = [];
      const written = await run(
        {
          ...{ model: 'stories15m', task: 'text-generation', input: 'Once upon a time' },
          options: { max_new_tokens: 4, temperature: 0 },
        },
        { onProgress: ({ text }) => told.push(text) },
      );
      const embedded = await run({ model: 'all-minilm-l6-v2', task: 'feature-extraction', input: ['a cat', 'a dog', 'a bank'] });
      const heard = await run({
        model: 'whisper-tiny',
        task: 'automatic-speech-recognition',
        input: { audio },
        options: { language: 'en' },
      });
      const { dims, data } = embedded.output;
      return { written: written.output, told, dims, length: Math.hypot(...data.subarray(0, 384)), heard: heard.output };
    }, speech);
    expect(answers).toMatchObject({ written: { generated_text: ', there was a', finish_reason: 'length' }, dims: [3, 384] });
    expect(answers.told.at(-1)).toBe(', there was a');
    expect(answers.length).toBeCloseTo(1, 3);
    expect(answers.heard.text).toMatch(/Please open the window/i);
    expect(answers.heard.chunks[0]?.timestamp[0]).toBe(0);
  });
});
