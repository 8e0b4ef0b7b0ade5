import { SillError } from '../errors.ts';
import type { Task } from '../tasks.ts';

export const PRESETS = ['quick', 'standard', 'sweep', 'soak', 'custom'] as const;
export type Preset = (typeof PRESETS)[number];

/** Tasks that have a measure of their own. */
const MEASURED_TASKS = ['text-generation', 'feature-extraction', 'automatic-speech-recognition'] as const;
type MeasuredTask = (typeof MEASURED_TASKS)[number];
export const isMeasured = (task: Task): task is MeasuredTask => MEASURED_TASKS.some((measured) => measured === task);

/** What is timed again and again, by llama-bench's terms; `depth` is how many tokens the context holds before. */
export type BenchmarkTest =
  | { readonly kind: 'pp'; readonly tokens: number; readonly depth: number }
  | { readonly kind: 'tg'; readonly tokens: number; readonly depth: number }
  /** A whole request, text to text: the first token and the gaps between the others. */
  | { readonly kind: 'request'; readonly promptTokens: number; readonly tokens: number }
  | { readonly kind: 'embed'; readonly texts: number }
  | { readonly kind: 'speech' };

export interface BenchmarkPlan {
  readonly tests: readonly BenchmarkTest[];
  /** Of each test. */
  readonly repetitions: number;
  /** Of each test before those that count. */
  readonly warmups: number;
  /**
   * Once before all tests: the first hundred tokens after a start run at a third of the speed, until the browser's engine has compiled what runs
   * often. Absent where nothing is warmed up, or nothing needs it.
   */
  readonly warmUp?: BenchmarkTest;
  /** Loads right after the first one. */
  readonly warmLoads: number;
  /** In place of repetitions: all tests over and over for so long. */
  readonly soakMs?: number;
}

/** What a run may set: how often of any preset, what is measured of a custom one, where the rest is as in `quick`. */
export interface CustomPlan {
  readonly promptTokens?: number | undefined;
  readonly generatedTokens?: number | undefined;
  readonly depth?: number | undefined;
  readonly repetitions?: number | undefined;
  readonly warmups?: number | undefined;
  readonly warmLoads?: number | undefined;
  readonly texts?: number | undefined;
  /** Of a soak. */
  readonly seconds?: number | undefined;
}

const SOAK_MS = 10 * 60_000;
/** Deeper than this a sweep would take hours on the devices this is for. */
const DEEPEST = 8192;
const SWEEP_STEPS = 4;
const WARM_TOKENS = 128;

/**
 * What a preset measures of a model.
 * @param contextLength of a text model, in tokens
 * @throws SillError `unsupported_task` for a task without a measure | `context_length_exceeded` for a custom test that does not fit
 */
export function planBenchmark(
  preset: Preset,
  { task, contextLength }: { task: Task; contextLength: number },
  custom: CustomPlan = {},
): BenchmarkPlan {
  if (!isMeasured(task)) {
    throw new SillError(
      'unsupported_task',
      'Benchmarks measure models that write text, embed texts or transcribe speech; this one does none of these.',
      {
        details: { task },
      },
    );
  }
  const plan = BASE[preset];
  const own = preset === 'custom' ? custom : {};
  const basis: BenchmarkPlan = {
    tests: [],
    repetitions: custom.repetitions ?? plan.repetitions,
    warmups: custom.warmups ?? plan.warmups,
    warmLoads: custom.warmLoads ?? plan.warmLoads,
    ...(preset === 'soak' ? { soakMs: custom.seconds === undefined ? SOAK_MS : custom.seconds * 1000 } : {}),
  };
  if (task === 'feature-extraction') return { ...basis, tests: [{ kind: 'embed', texts: own.texts ?? plan.texts }] };
  if (task === 'automatic-speech-recognition') return { ...basis, tests: [{ kind: 'speech' }] };
  return {
    ...basis,
    tests: textTests(preset, contextLength, custom),
    ...(basis.warmups > 0 ? { warmUp: { kind: 'tg', tokens: Math.max(1, Math.min(WARM_TOKENS, contextLength - 1)), depth: 0 } } : {}),
  };
}

const BASE: Readonly<Record<Preset, { repetitions: number; warmups: number; warmLoads: number; texts: number }>> = {
  quick: { repetitions: 3, warmups: 1, warmLoads: 2, texts: 16 },
  standard: { repetitions: 5, warmups: 1, warmLoads: 3, texts: 32 },
  sweep: { repetitions: 3, warmups: 1, warmLoads: 0, texts: 16 },
  soak: { repetitions: 1, warmups: 1, warmLoads: 0, texts: 16 },
  custom: { repetitions: 3, warmups: 1, warmLoads: 0, texts: 16 },
};

function textTests(preset: Preset, contextLength: number, custom: CustomPlan): BenchmarkTest[] {
  if (preset === 'sweep') {
    const step = Math.floor(Math.min(contextLength, DEEPEST) / SWEEP_STEPS);
    const [tokens, written] = [Math.min(128, step), Math.min(32, step - 1)];
    return Array.from({ length: SWEEP_STEPS }, (_, i) => i * step).flatMap((depth): BenchmarkTest[] => [
      { kind: 'pp', tokens, depth },
      { kind: 'tg', tokens: written, depth },
    ]);
  }
  if (preset === 'custom') {
    const { promptTokens = 128, generatedTokens = 32, depth = 0 } = custom;
    const needed = Math.max(promptTokens + depth, depth + generatedTokens + 1, promptTokens + generatedTokens);
    if (needed > contextLength) {
      throw new SillError(
        'context_length_exceeded',
        `This test needs ${needed} tokens of context, and the model holds ${contextLength}. Ask for fewer.`,
        {
          details: { promptTokens: needed, contextLength },
        },
      );
    }
    return pair(promptTokens, generatedTokens, depth);
  }
  const [wantedPrompt, wantedTokens] = preset === 'standard' ? [512, 128] : [128, 32];
  const tokens = Math.min(wantedTokens, Math.floor(contextLength / 2));
  return pair(Math.min(wantedPrompt, contextLength), tokens, 0, Math.min(wantedPrompt, contextLength - tokens));
}

const pair = (prompt: number, tokens: number, depth: number, requestPrompt = prompt): BenchmarkTest[] => [
  { kind: 'pp', tokens: prompt, depth },
  { kind: 'tg', tokens, depth },
  { kind: 'request', promptTokens: requestPrompt, tokens },
];

/** Units of work by which progress is told: every load, warm-up and repetition is one. */
export const unitsOf = ({ tests, repetitions, warmups, warmUp, warmLoads }: BenchmarkPlan): number =>
  1 + warmLoads + (warmUp ? 1 : 0) + tests.length * (warmups + repetitions);

/** Speeds of a model on a device, as far as they are known. */
export interface KnownSpeeds {
  readonly loadMs?: number | undefined;
  readonly promptPerSecond?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
  readonly textsPerSecond?: number | undefined;
  readonly speechMs?: number | undefined;
}

/** About how long a plan takes, in seconds; absent where a speed that it needs is not known. */
export function secondsOf(
  { tests, repetitions, warmups, warmUp, warmLoads, soakMs }: BenchmarkPlan,
  known: KnownSpeeds,
): number | undefined {
  const loads = known.loadMs === undefined ? undefined : ((1 + warmLoads) * known.loadMs) / 1000;
  if (soakMs !== undefined) return soakMs / 1000 + (loads ?? 0);
  let seconds = (loads ?? 0) + ((warmUp && secondsOfTest(warmUp, known)) ?? 0);
  for (const test of tests) {
    const once = secondsOfTest(test, known);
    if (once === undefined) return undefined;
    seconds += once * (repetitions + warmups);
  }
  return seconds;
}

export function secondsOfTest(
  test: BenchmarkTest,
  { promptPerSecond, tokensPerSecond, textsPerSecond, speechMs }: KnownSpeeds,
): number | undefined {
  if (test.kind === 'embed') return textsPerSecond === undefined ? undefined : test.texts / textsPerSecond;
  if (test.kind === 'speech') return speechMs === undefined ? undefined : speechMs / 1000;
  if (promptPerSecond === undefined || tokensPerSecond === undefined) return undefined;
  if (test.kind === 'pp') return (test.depth + test.tokens) / promptPerSecond;
  if (test.kind === 'tg') return test.depth / promptPerSecond + test.tokens / tokensPerSecond;
  return test.promptTokens / promptPerSecond + test.tokens / tokensPerSecond;
}
