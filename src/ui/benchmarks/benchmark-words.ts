import { msg, str } from '@lit/localize';
import { browserOf } from '../../core/benchmark/browser.ts';
import type { BenchmarkTest, Preset } from '../../core/benchmark/plan.ts';
import { type BenchmarkResult, type Fault, type Figure, type Metric, WIDEST_SPREAD } from '../../core/benchmark/result.ts';
import { isForeign } from '../../core/benchmark/series.ts';
import type { Task } from '../../core/tasks.ts';
import type { BenchmarkProgress } from '../../protocol/benchmarks.ts';
import { formatBytes, formatDuration, formatNumber, formatPercent, plural } from '../format.ts';
import { deviceWords } from '../words.ts';

export const presetWords = (preset: Preset): string =>
  ({ quick: msg('Quick'), standard: msg('Standard'), sweep: msg('Sweep'), soak: msg('Soak'), custom: msg('Custom') })[preset];

const QUICK: Partial<Record<Task, () => string>> = {
  'feature-extraction': () => msg('16 texts, three times.'),
  'automatic-speech-recognition': () => msg('A short recording, three times.'),
};
const STANDARD: Partial<Record<Task, () => string>> = {
  'feature-extraction': () => msg('32 texts, five times.'),
  'automatic-speech-recognition': () => msg('A short recording, five times.'),
};

/** What a preset measures of a model of this task. */
export const presetHint = (preset: Preset, task: Task): string =>
  ({
    quick: QUICK[task]?.() ?? msg('A prompt of 128 tokens and 32 written ones, three times.'),
    standard: STANDARD[task]?.() ?? msg('512 tokens, or as many as the context allows, and 128 written ones, five times.'),
    sweep: msg('How speed falls as the context fills.'),
    soak: msg('Ten minutes without a pause: does memory grow, does the device slow down?'),
    custom: msg('What you set below.'),
  })[preset];

/** In llama-bench's terms, which are the same in every language: pp128, tg32. */
export function figureLabel({ metric, size, depth }: Pick<Figure, 'metric' | 'size' | 'depth'>): string {
  const behind = depth ? ` @ d${depth}` : '';
  switch (metric) {
    case 'pp':
    case 'tg':
      return `${metric}${size ?? ''}${behind}`;
    case 'ttft':
      return plural(size ?? 0, msg('Time to first token, 1 token'), msg(str`Time to first token, ${size ?? 0} tokens`));
    case 'itl':
      return msg('Time between tokens');
    case 'embed':
      return plural(size ?? 0, msg('Embedding, 1 text'), msg(str`Embedding, ${size ?? 0} texts`));
    case 'rtf':
      return msg('Real-time factor');
    case 'load-cold':
      return msg('First load');
    case 'load-warm':
      return msg('Warm load');
  }
}

/** What is timed, and what is not. */
export const timedWords = (metric: Metric): string =>
  ({
    pp: msg('Prompt evaluation alone, without tokenisation, sampling or anything from the cache.'),
    tg: msg('Steps of one token, without sampling.'),
    ttft: msg('From a text to the first token of its answer, tokenisation and sampling included.'),
    itl: msg('From each token of an answer to the next, sampling included.'),
    embed: msg('From texts to vectors, tokenisation included, one text after the other.'),
    rtf: msg('Computing time over the length of the recording: below 1 is faster than speech.'),
    'load-cold': msg('Into a new worker, from the request until it can be asked; what the browser has cached is used.'),
    'load-warm': msg('The same again, right after.'),
  })[metric];

export function formatValue(metric: Metric, value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  switch (metric) {
    case 'pp':
    case 'tg':
      return msg(str`${formatNumber(value, digits)} tokens/s`);
    case 'embed':
      return msg(str`${formatNumber(value, digits)} texts/s`);
    case 'rtf':
      return formatNumber(value, 3);
    default:
      return value < 1000 ? msg(str`${formatNumber(value, digits)} ms`) : formatDuration(value / 1000);
  }
}

/** A deviation beside its mean: without a unit where it is the mean's. */
export function formatDeviation(metric: Metric, mean: number, sd: number): string {
  if (metric === 'rtf') return formatNumber(sd, 3);
  const isTime = metric !== 'pp' && metric !== 'tg' && metric !== 'embed';
  return isTime && mean >= 1000 ? formatValue(metric, sd) : formatNumber(sd, sd < 10 ? 2 : 0);
}

export const faultWords = (fault: Fault): string =>
  ({
    unfinished: msg('The run did not come to its end.'),
    hidden: msg(
      'The page was hidden meanwhile, or the one in which models compute (Device tells which): browsers give hidden pages less of the device.',
    ),
    contended: msg('Another model computed meanwhile.'),
    spread: msg(str`Repetitions differ by more than ${formatPercent(WIDEST_SPREAD)}: something else kept the device busy.`),
    lighter: msg('The model ran lighter than it could, since it had failed before.'),
    emulated: msg('The graphics processor is emulated in software.'),
  })[fault];

export const stateWords = (state: BenchmarkResult['state']): string =>
  ({
    running: msg('running'),
    complete: msg('complete'),
    stopped: msg('stopped'),
    failed: msg('failed'),
    interrupted: msg('interrupted'),
  })[state];

export function phaseWords({ phase, test }: BenchmarkProgress): string {
  switch (phase) {
    case 'waiting':
      return msg('Waiting for its turn');
    case 'loading':
      return msg('Loading the model');
    case 'warming':
      return msg('Warming up');
    case 'measuring':
      return test ? msg(str`Measuring ${testLabel(test)}`) : msg('Measuring');
  }
}

function testLabel(test: BenchmarkTest): string {
  switch (test.kind) {
    case 'pp':
    case 'tg':
      return figureLabel({ metric: test.kind, size: test.tokens, depth: test.depth });
    case 'request':
      return msg('a whole request');
    case 'embed':
      return msg('embedding');
    case 'speech':
      return msg('transcription');
  }
}

/** Chrome 156 on Linux; the whole agent string where it is of a kind that nobody knows here. */
export function browserWords(userAgent: string): string {
  const { family, version, system } = browserOf(userAgent);
  return family === '' ? userAgent : `${family} ${version}, ${system}`;
}

/** Which device: its name if it was given one, the graphics processor or the cores otherwise. */
export function placeLabel({ label, place, source }: Pick<BenchmarkResult, 'label' | 'place' | 'source'>): string {
  const threads = plural(place.threads, msg('1 thread'), msg(str`${place.threads} threads`));
  // llama.cpp runs on the device itself, on no WebAssembly and no WebGPU.
  if (isForeign({ source })) {
    const where = place.device === 'wasm' ? msg(str`processor, ${threads}`) : (place.adapter ?? msg('graphics processor'));
    return [label, where].filter(Boolean).join(', ');
  }
  return [label, deviceWords(place.device), place.adapter ?? threads].filter(Boolean).join(', ');
}

export const slopeWords = (bytesPerMinute: number): string =>
  msg(str`${bytesPerMinute < 0 ? '−' : '+'}${formatBytes(Math.abs(bytesPerMinute))} a minute`);
