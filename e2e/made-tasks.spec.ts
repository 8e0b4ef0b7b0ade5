import type { Page } from '@playwright/test';
import type { Task } from '../src/core/tasks.ts';
import type { RunRequest } from '../src/protocol/tasks.ts';
import { expect } from './support/fixtures.ts';
import { hubTest as test } from './support/hubTest.ts';
import * as media from './support/madeMedia.ts';
import * as text from './support/madeText.ts';
import { type Files, publish, textFinder } from './support/otherModels.ts';
import { refusalOf } from './support/sill.ts';

/** What each task is asked in the page, with pictures and sounds made there. */
interface Question {
  readonly files: () => Files;
  /** As a hub's card says it; absent where the configuration has to tell. */
  readonly card?: Task;
  readonly task: Task;
  readonly input: unknown;
  readonly options?: object;
  readonly expected: unknown;
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  names: {
    files: text.nameFinder,
    task: 'token-classification',
    input: 'Anna lives in  Berlin.',
    expected: [
      { label: 'PER', word: 'anna', start: 0, end: 4 },
      { label: 'LOC', word: 'berlin', start: 15, end: 21 },
    ],
  },
  answerer: {
    files: text.answerer,
    task: 'question-answering',
    input: { question: 'Where is Anna?', context: 'Anna is in Berlin.' },
    expected: [{ answer: 'berlin', start: 11, end: 17 }],
  },
  gaps: {
    files: text.gapFiller,
    task: 'fill-mask',
    input: 'The capital of France is [MASK].',
    options: { top_k: 1 },
    expected: [{ token_str: 'paris', sequence: 'the capital of france is paris.' }],
  },
  inferrer: {
    files: text.inferrer,
    task: 'zero-shot-classification',
    input: { text: 'The team is in the goal', candidate_labels: ['politics', 'sport'] },
    expected: [{ label: 'sport' }, { label: 'politics' }],
  },
  translator: {
    files: text.translator,
    card: 'translation',
    task: 'translation',
    input: 'The cat sleeps',
    expected: { translation_text: 'die katze schläft' },
  },
  summarizer: {
    files: text.translator,
    card: 'summarization',
    task: 'summarization',
    input: 'The cat sleeps',
    options: { max_new_tokens: 2 },
    expected: { summary_text: 'die katze' },
  },
  rewriter: { files: text.translator, task: 'text2text-generation', input: 'The cat', expected: { generated_text: 'die katze' } },
  captioner: { files: media.captioner, task: 'image-to-text', input: { image: 'red' }, expected: { generated_text: 'a red picture' } },
  documents: {
    files: media.documentReader,
    card: 'document-question-answering',
    task: 'document-question-answering',
    input: { image: 'blue', question: 'The thing is' },
    expected: { answer: 'blue' },
  },
  detector: {
    files: media.detector,
    task: 'object-detection',
    input: { image: 'red square' },
    expected: [{ label: 'red thing', box: { xmin: 100, ymin: 60, xmax: 180, ymax: 160 } }],
  },
  finder: {
    files: media.colourFinder,
    task: 'zero-shot-object-detection',
    input: { image: 'red square', candidate_labels: ['a green thing', 'a red thing'] },
    expected: [{ label: 'a red thing', box: { xmin: 100, ymin: 60, xmax: 180, ymax: 160 } }],
  },
  matcher: {
    files: media.colourMatcher,
    task: 'zero-shot-image-classification',
    input: { image: 'green', candidate_labels: ['red', 'green', 'blue'] },
    expected: [{ label: 'green' }, {}, {}],
  },
  areas: {
    files: media.areaTeller,
    task: 'image-segmentation',
    input: { image: 'green' },
    expected: [{ label: 'green', score: null, mask: { width: 320, height: 240, corner: [255], middle: [255] } }],
  },
  depth: {
    files: media.depthGuesser,
    task: 'depth-estimation',
    input: { image: 'red square' },
    expected: { depth: { width: 320, height: 240, corner: [255], middle: [0] }, predicted_depth: { dims: [240, 320] } },
  },
  negative: {
    files: media.negative,
    task: 'image-to-image',
    input: { image: 'green' },
    expected: { width: 320, height: 240, middle: [255, 0, 255] },
  },
  meter: {
    files: media.colourMeter,
    task: 'image-feature-extraction',
    input: { image: 'blue' },
    expected: { dims: [1, 1, 3], first: [0, 0, 1] },
  },
  cutter: {
    files: textFinder,
    card: 'background-removal',
    task: 'background-removal',
    input: { image: 'text' },
    expected: { width: 320, height: 240, corner: [255, 255, 255, 0], middle: [0, 0, 0, 255] },
  },
  pitch: {
    files: media.pitchTeller,
    task: 'audio-classification',
    input: { audio: 'high' },
    expected: [{ label: 'high' }, { label: 'low' }],
  },
  matched: {
    files: media.loudnessMatcher,
    task: 'zero-shot-audio-classification',
    input: { audio: 'high', candidate_labels: ['quiet', 'a loud sound'] },
    expected: [{ label: 'a loud sound' }, { label: 'quiet' }],
  },
  listener: {
    files: media.listener,
    task: 'automatic-speech-recognition',
    input: { audio: 'high and low' },
    expected: { text: 'high low high', chunks: [{ text: 'high low high', timestamp: [0, 1] }] },
  },
  speaker: {
    files: media.speaker,
    task: 'text-to-audio',
    input: 'high low',
    // A tenth of a second for each token; the first and the last are silent.
    expected: { sampling_rate: 16_000, turns: [0, 159, 39, 0] },
  },
};

/** Runs it in the page, where the names of pictures and sounds become such; of what is large, what is expected of it comes back. */
const ask = (page: Page, model: string, { task, input, options }: Question) =>
  page.evaluate(
    async ([id, taskName, given, chosen]) => {
      const canvas = new OffscreenCanvas(320, 240);
      const pen = canvas.getContext('2d');
      if (!globalThis.sill || !pen) throw new Error('nothing to run with');
      const paint = (colour: string, x: number, y: number, width: number, height: number) => {
        pen.fillStyle = colour;
        pen.fillRect(x, y, width, height);
      };
      const picture = (what: string) => {
        // In CSS, green is half as bright.
        paint({ 'red square': 'white', text: 'white', green: 'lime' }[what] ?? what, 0, 0, 320, 240);
        if (what === 'red square') paint('red', 100, 60, 80, 100);
        pen.fillStyle = 'black';
        pen.font = 'bold 60px sans-serif';
        // The stem of the I is where the middle is.
        if (what === 'text') pen.fillText('WINDOW', 20, 100);
        if (what === 'text')
          pen.fillText('HIIH', 160 - pen.measureText('HI').width - pen.measureText('I').width / 2 + pen.measureText('I').width, 142);
        return canvas.convertToBlob();
      };
      const tone = (hertz: number, seconds: number) =>
        Array.from({ length: 16_000 * seconds }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hertz * i) / 16_000));
      const sound = (what: string) =>
        Float32Array.from(
          what === 'high' ? tone(1500, 1) : [...tone(1500, 0.3), ...tone(0, 0.2), ...tone(200, 0.2), ...tone(0, 0.1), ...tone(800, 0.2)],
        );
      const filled: Record<string, unknown> | string = typeof given === 'string' ? given : { ...given };
      if (typeof filled === 'object' && typeof filled.image === 'string') filled.image = await picture(filled.image);
      if (typeof filled === 'object' && typeof filled.audio === 'string') filled.audio = sound(filled.audio);
      const request = { model: id, task: taskName, input: filled, ...(chosen ? { options: chosen } : {}) } as RunRequest<Task>;
      const { output } = await globalThis.sill.run(request);
      await globalThis.sill.models.unload(id);
      /** Whole pictures and sounds are too much to carry over. */
      const told = (value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        if (Array.isArray(value)) return value.map(told);
        const { width, height, data, audio, ...rest } = value as Record<string, unknown>;
        if (data instanceof Uint8ClampedArray && typeof width === 'number' && typeof height === 'number') {
          const channels = data.length / (width * height);
          const middle = (height / 2) * width + width / 2;
          const at = (pixel: number) => [...data.subarray(pixel * channels, (pixel + 1) * channels)];
          return { width, height, corner: at(0), middle: at(middle) };
        }
        if (data instanceof Float32Array) return { ...rest, first: [...data.subarray(0, 3)] };
        if (audio instanceof Float32Array) {
          const turns = [0, 0, 0, 0];
          for (let i = 1; i < audio.length; i++) {
            const place = Math.floor(i / 1600);
            if (i % 1600 > 0 && (audio[i - 1] ?? 0) * (audio[i] ?? 0) < 0) turns[place] = (turns[place] ?? 0) + 1;
          }
          return { ...rest, turns };
        }
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]));
      };
      return told(output);
    },
    [model, task, input as string | Record<string, unknown>, options] as const,
  );

test('each task of transformers.js is told by its configuration, installed by id, and computes in the form that it promises', async ({
  page,
  hub,
}) => {
  test.slow();
  for (const [name, { files, card }] of Object.entries(QUESTIONS)) {
    publish(hub, `made/${name}`, files(), card === undefined ? {} : { pipeline_tag: card });
  }
  const tasks = await page.evaluate(
    (ids) => Promise.all(ids.map(async (id) => (await globalThis.sill?.models.install(id))?.task)),
    Object.keys(QUESTIONS).map((name) => `hf:made/${name}`),
  );
  expect(tasks).toEqual(Object.values(QUESTIONS).map(({ task }) => task));
  publish(hub, 'made/odd', { ...media.detector(), 'config.json': { model_type: 'newest', architectures: ['NewestForObjectDetection'] } });
  publish(
    hub,
    'made/mistaken',
    { ...media.colourMeter(), ...text.TOKENIZER, 'config.json': { model_type: 'bert' } },
    { pipeline_tag: 'text-classification' },
  );
  for (const name of ['odd', 'mistaken']) await page.evaluate((id) => globalThis.sill?.models.install(id), `hf:made/${name}`);
  await hub.close();
  for (const [name, question] of Object.entries(QUESTIONS)) {
    await test.step(question.task, async () => {
      expect.soft(await ask(page, `hf:made/${name}`, question).catch(String), question.task).toMatchObject(Object(question.expected));
    });
  }
  await test.step('what is asked wrongly is told what the task wants', async () => {
    const wrong = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/detector', input: 'a text' }));
    expect(wrong).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('object-detection works on { image }') });
    const option = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/names', input: 'Anna', options: { treshold: 1 } as object }));
    expect(option.message).toContain('token-classification has: aggregation_strategy, ignore_labels');
    const other = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/names', task: 'translation', input: 'Anna' }));
    expect(other).toMatchObject({ code: 'unsupported_task', details: { task: 'token-classification' } });
  });
  await test.step('an architecture that the library has no code for is told of, and is no crash', async () => {
    const odd = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/odd', input: { image: new Blob(['no picture']) } }));
    expect(odd).toMatchObject({ code: 'unsupported_task', details: { reason: expect.stringContaining('newest') } });
    const unreadable = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/detector', input: { image: new Blob(['no picture']) } }));
    expect(unreadable.code).toBe('image_undecodable');
    // A graph for pictures behind a tokenizer: it is not given what it asks for.
    const other = await refusalOf(page, (sill) => sill.run({ model: 'hf:made/mistaken', input: 'Anna' }));
    expect(other).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('its export was not made for its task') });
    expect(await page.evaluate(() => globalThis.sill?.events.list())).toEqual([]);
  });
  await test.step('a run tells how far it is, can be ended on its way, and leaves the model ready for the next', async () => {
    const ended = await page.evaluate(async () => {
      const abort = new AbortController();
      let far: { done?: number; total?: number } = {};
      const candidate_labels = Array.from({ length: 1000 }, (_, i) => `sport ${i}`);
      const request = { model: 'hf:made/inferrer', input: { text: 'the team', candidate_labels } };
      const code = await globalThis.sill
        ?.run(request, {
          signal: abort.signal,
          onProgress(progress) {
            far = progress;
            abort.abort();
          },
        })
        .then(
          () => 'was not ended',
          (error) => error.code,
        );
      const next = await globalThis.sill?.run({ ...request, input: { text: 'the team', candidate_labels: ['vote', 'goal'] } });
      const texts: unknown[] = [];
      const onProgress = ({ text }: { text?: string }) => texts.push(text);
      await globalThis.sill?.run({ model: 'hf:made/translator', input: 'The cat sleeps' }, { onProgress });
      return { code, far, next: next?.output, texts };
    });
    expect(ended).toMatchObject({ code: 'aborted', far: { total: 1000 }, next: [{ label: 'goal' }, { label: 'vote' }] });
    expect(ended.far.done).toBeLessThan(1000);
    expect(ended.texts.at(-1)).toBe('die katze schläft');
    expect(ended.texts.length).toBeGreaterThan(1);
  });
});
