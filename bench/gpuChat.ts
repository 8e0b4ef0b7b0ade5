/**
 * The chat model of 1.1 billion parameters on a graphics processor, beside the very same form of it on the processor: `npm run bench:gpu-chat`. One
 * click installs it: its file is fetched, rewritten for the GPU, scored and activated. Then both are asked the same, greedily.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import type {} from '../src/protocol/sill.ts';
import { createServer } from '../tools/serve/server.ts';
import { GIGABYTE } from './gigabyte/model.ts';
import { openGigabyteSite } from './gigabyte/site.ts';
import type { Page } from './measure/browser.ts';
import { GPU_FLAGS, waitForGpu } from './measure/gpu.ts';
import { describeMachine, loadAverage } from './measure/machine.ts';
import { sillPeer } from './peers/sill.ts';
import { machineLines } from './report.ts';
import { chromiumVersion, withBrowser, withFolder } from './rounds.ts';

const FRANCE = 'What is the capital of France?';
const ITALY = 'And of Italy?';
const TIPS = 'Give three tips for staying healthy.';

const { values: options } = parseArgs({
  options: {
    app: { type: 'string', default: 'dist' },
    /** `gigabyte` is noise of the same shape, made here: for a machine that the real weights cannot be brought to. Its times are of use, and not its words. */
    model: { type: 'string', default: 'tinyllama' },
    /** Of several that the model has for a GPU; by default what the app takes there by itself. */
    variant: { type: 'string' },
    /** Of the longest answer. */
    tokens: { type: 'string', default: '160' },
    /** Of the answers on the processor, where the form for GPUs writes one token or two a second; none leaves the processor out. */
    'processor-tokens': { type: 'string', default: '24' },
    /** Between an answer and the next question, in ms: a person reads, and the app makes use of it. A program asks at once. */
    pause: { type: 'string', default: '3000' },
    /** Further flags of Chromium, as `--enable-dawn-features=vulkan_enable_f16_on_nvidia`. */
    flags: { type: 'string', default: '' },
    json: { type: 'string' },
    note: { type: 'string' },
  },
});

const MODEL = options.model;
const processorTokens = Number(options['processor-tokens']);

const AnswerSchema = v.object({
  text: v.string(),
  promptTokens: v.number(),
  cachedTokens: v.number(),
  tokens: v.number(),
  ttftMs: v.number(),
  tokensPerSecond: v.nullable(v.number()),
  variant: v.string(),
  device: v.string(),
});
type Answer = v.InferOutput<typeof AnswerSchema>;

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const ask = (page: Page, messages: readonly Turn[], maxTokens: number): Promise<Answer> =>
  page.run(
    AnswerSchema,
    async (model: string, messages: readonly Turn[], max: number) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      const {
        choices,
        usage,
        sill: run,
      } = await sill.chat.completions.create({
        ...{ model, messages: [...messages], max_tokens: max, temperature: 0 },
      });
      const loaded = (await sill.models.list()).find(({ id }) => id === model)?.loaded;
      return {
        ...{ text: choices[0]?.message.content ?? '', tokens: usage.completion_tokens },
        ...{ promptTokens: usage.prompt_tokens, cachedTokens: usage.prompt_tokens_details.cached_tokens },
        ...{ ttftMs: run.timings.ttft_ms, tokensPerSecond: run.timings.decode_tokens_per_second ?? null },
        ...{ variant: run.variant, device: loaded?.device ?? '' },
      };
    },
    MODEL,
    messages,
    maxTokens,
  );

const user = (content: string): Turn => ({ role: 'user', content });

/** The questions of the chat model, in an order that leaves the first one cold. */
async function conversation(page: Page, tipsTokens: number): Promise<Readonly<Record<string, Answer>>> {
  const next = async (messages: readonly Turn[], maxTokens: number): Promise<Answer> => {
    await sleep(Number(options.pause));
    return ask(page, messages, maxTokens);
  };
  const first = await ask(page, [user(FRANCE)], 24);
  const second = await next([user(FRANCE), { role: 'assistant', content: first.text }, user(ITALY)], 24);
  const warm = await next([user('What is the capital of Spain?')], 24);
  const tips = await next([user(TIPS)], tipsTokens);
  const again = await next([user(TIPS)], tipsTokens);
  return { first, second, warm, tips, again };
}

/** The same, as far as a processor bears it. */
async function excerpt(page: Page): Promise<Readonly<Record<string, Answer>>> {
  const first = await ask(page, [user(FRANCE)], processorTokens);
  console.log(JSON.stringify(first));
  const tips = await ask(page, [user(TIPS)], processorTokens);
  return { first, tips };
}

const InstallSchema = v.object({
  seconds: v.number(),
  phasesSeconds: v.record(v.string(), v.number()),
  model: v.object({ installed: v.unknown(), fits: v.unknown() }),
  device: v.object({ webgpu: v.unknown(), speeds: v.unknown(), checks: v.unknown() }),
});

const install = (page: Page, variant: string) =>
  page.run(
    InstallSchema,
    async (model: string, variant: string) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      const device = await sill.device({ test: true });
      const startMs = performance.now();
      const phasesSeconds: Record<string, number> = {};
      let [phase, phaseMs] = ['preparing', startMs];
      const pass = (next: string) => {
        phasesSeconds[phase] = (phasesSeconds[phase] ?? 0) + (performance.now() - phaseMs) / 1000;
        [phase, phaseMs] = [next, performance.now()];
      };
      const summary = await sill.models.install(model, {
        ...(variant === '' ? {} : { variant }),
        onProgress: (progress) => pass(progress.phase),
      });
      pass('');
      return { seconds: (performance.now() - startMs) / 1000, phasesSeconds, model: summary, device };
    },
    MODEL,
    variant,
  );

const place = (page: Page, device: 'wasm' | 'webgpu') =>
  page.run(
    v.undefined(),
    async (model: string, device: 'wasm' | 'webgpu') => {
      await globalThis.sill?.models.place(model, device);
      await globalThis.sill?.models.unload(model);
      await globalThis.sill?.models.load(model);
    },
    MODEL,
    device,
  );

function show(name: string, answers: Readonly<Record<string, Answer>>): void {
  for (const [what, { text, ttftMs, tokensPerSecond, tokens, promptTokens, cachedTokens, variant, device }] of Object.entries(answers)) {
    const speed = tokensPerSecond === null ? '' : `, ${tokensPerSecond.toFixed(1)} tokens/s`;
    console.log(
      `${name} ${what}: ${Math.round(ttftMs)} ms to the first of ${tokens}${speed} (${cachedTokens} of ${promptTokens} kept; ${variant} on ${device})`,
    );
    console.log(`  ${JSON.stringify(text)}`);
  }
}

/** How much two answers have in common from their beginning, in characters. */
const commonOf = (a: string, b: string): number => {
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at++;
  return at;
};

/** Also in between: a machine that is lent may be taken back. */
async function keep(result: object): Promise<void> {
  if (options.json === undefined) return;
  await mkdir(dirname(options.json), { recursive: true });
  const about = { date: new Date().toISOString(), machine, note: options.note, loadAverage: loadAverage() };
  await writeFile(options.json, `${JSON.stringify({ ...about, ...result }, undefined, 1)}\n`);
}

const machine = describeMachine(await chromiumVersion());
console.log(machineLines(machine));
const gigabyte = MODEL === GIGABYTE.id ? await openGigabyteSite(options.app) : undefined;
const server = createServer({ directory: gigabyte?.directory ?? options.app });
try {
  const url = await server.listen(0);
  const result = await withFolder((folder) =>
    withBrowser(
      join(folder, 'profile'),
      async (browser) => {
        const page = await browser.open(url);
        await sillPeer(url).settle(page);
        await waitForGpu(page);
        const installed = await install(page, options.variant ?? '');
        console.log(`installed in ${installed.seconds.toFixed(1)} s: ${JSON.stringify(installed.phasesSeconds)}`);
        console.log(
          JSON.stringify({ fits: installed.model.fits, speeds: installed.device.speeds, checks: installed.device.checks }, undefined, 1),
        );
        const onGpu = await conversation(page, Number(options.tokens));
        show('GPU', onGpu);
        await keep({ installed, onGpu });
        if (processorTokens === 0) return { installed, onGpu };
        await place(page, 'wasm');
        const onProcessor = await excerpt(page);
        show('processor', onProcessor);
        const common = Object.fromEntries(
          Object.entries(onGpu).map(([what, { text }]) => [
            what,
            { characters: commonOf(text, onProcessor[what]?.text ?? ''), of: text.length },
          ]),
        );
        console.log(`the same from the beginning: ${JSON.stringify(common)}`);
        return { installed, onGpu, onProcessor, common };
      },
      [...GPU_FLAGS, ...options.flags.split(' ').filter((flag) => flag !== '')],
    ),
  );
  await keep(result);
} finally {
  await server.close();
  await gigabyte?.close();
}
