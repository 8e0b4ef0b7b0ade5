import { readFile } from 'node:fs/promises';
import { expect, test } from './support/fixtures.ts';
import { recording, speakInto } from './support/microphone.ts';
import { open } from './support/views.ts';

/** Lossy formats cost a word here and there. */
const SPOKEN = /Please open the window and .+ fresh air into the room/i;

test.use({
  // As others have it: a profile of its own would cost more than the models that are not asked.
  installed: ['stories15m', 'all-minilm-l6-v2', 'whisper-tiny'],
  shared: true,
  permissions: ['microphone'],
  chromiumArgs: ['--use-fake-device-for-media-stream'],
});

test('speech is transcribed from files of several formats and from the microphone', async ({ page }) => {
  await open(page, 'Transcribe');
  const view = page.locator('sill-transcribe-view');
  const transcript = page.getByRole('list', { name: 'Transcript' });
  await view.getByLabel('Language spoken').selectOption('English');

  for (const name of ['speech.mp3', 'speech.ogg']) {
    await test.step(name, async () => {
      await view.locator('input[type=file]').setInputFiles(recording(name));
      await expect(page.getByRole('region', { name: 'Transcript' }).getByRole('heading')).toHaveText(name);
      await expect(transcript).toContainText(SPOKEN, { timeout: 60_000 });
    });
  }

  await test.step('the microphone', async () => {
    const speaker = await speakInto(page);
    await view.getByRole('button', { name: 'Record' }).click();
    await expect(view.getByRole('timer')).toHaveText(/^0:0[1-9]$/);
    await speaker.spoken();
    await view.getByRole('button', { name: 'Stop recording' }).click();
    await expect(page.getByRole('region', { name: 'Transcript' }).getByRole('heading')).toHaveText('Recording');
    await expect(transcript).toContainText(SPOKEN, { timeout: 60_000 });
    expect(await speaker.isLetGo()).toBe(true);
  });

  await test.step('the transcript is downloaded as captions', async () => {
    const downloading = page.waitForEvent('download');
    await view.getByRole('button', { name: 'Download as .srt' }).click();
    const file = await (await downloading).path();
    expect(await readFile(file, 'utf8')).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n.*window/i);
  });
});

test('a recording longer than the model hears at once is told part by part, with what was heard so far', async ({ page }) => {
  const samples = [...new Int16Array((await readFile(recording('speech.wav'))).buffer.slice(44))];
  const { progress, result } = await page.evaluate(async (spoken) => {
    const audio = new Float32Array(16_000 * 40);
    for (const atSeconds of [1, 34])
      audio.set(
        spoken.map((sample) => sample / 32_768),
        atSeconds * 16_000,
      );
    const seen: Array<{ done: number; total: number; heard: number }> = [];
    const answer = await globalThis.sill?.audio.transcriptions.create(
      { model: 'whisper-tiny', file: audio, language: 'en' },
      {
        onProgress: ({ done_seconds, total_seconds, segments }) =>
          seen.push({ done: done_seconds, total: total_seconds, heard: segments.length }),
      },
    );
    return { progress: seen, result: answer };
  }, samples);
  expect(result?.duration).toBe(40);
  expect(result?.text.match(new RegExp(SPOKEN, 'gi'))?.length, result?.text).toBe(1);
  expect(result?.text.match(/open the window/gi)?.length, result?.text).toBe(2);
  const second = result?.segments.find(({ text, start }) => start > 20 && /window/.test(text));
  // After silence the model is free to let a segment begin with its window.
  expect(second?.start).toBeGreaterThanOrEqual(28);
  expect(second?.end).toBeLessThanOrEqual(40);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress.every(({ total }) => total === 40)).toBe(true);
  const done = progress.map((step) => step.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(40);
});
