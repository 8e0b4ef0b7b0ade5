import { msg, str } from '@lit/localize';
import type { ChoiceReason, FitReason } from '../core/fit.ts';
import type { GateFailure } from '../core/gate.ts';
import type { Dtype, ExecutionDevice } from '../core/manifest.ts';
import type { Task } from '../core/tasks.ts';
import type { Tier } from '../core/tier.ts';
import type { Fallback, RunInfo } from '../protocol/engineReports.ts';
import type { InstallProgress, ModelSummary, VariantFit } from '../protocol/modelReports.ts';
import type { TrialStep } from '../protocol/updateReports.ts';
import { errorWords } from './errors.ts';
import { formatDuration, formatNumber, plural } from './format.ts';

export const taskWords = (task: Task): string =>
  ({
    'text-generation': msg('Writes text'),
    'feature-extraction': msg('Searches by meaning'),
    'automatic-speech-recognition': msg('Transcribes speech'),
    'text-classification': msg('Sorts texts'),
    'token-classification': msg('Finds names in texts'),
    'question-answering': msg('Answers from a text'),
    'fill-mask': msg('Fills gaps in texts'),
    summarization: msg('Summarises'),
    translation: msg('Translates'),
    'text2text-generation': msg('Turns text into text'),
    'zero-shot-classification': msg('Sorts texts by your labels'),
    'image-classification': msg('Recognises pictures'),
    'zero-shot-image-classification': msg('Sorts pictures by your labels'),
    'object-detection': msg('Finds things in pictures'),
    'zero-shot-object-detection': msg('Finds what you name in pictures'),
    'image-segmentation': msg('Outlines things in pictures'),
    'background-removal': msg('Cuts out the foreground'),
    'depth-estimation': msg('Estimates depth'),
    'image-to-image': msg('Works over pictures'),
    'image-to-text': msg('Describes pictures'),
    'image-feature-extraction': msg('Turns pictures into numbers'),
    'document-question-answering': msg('Answers from a picture of a document'),
    'audio-classification': msg('Recognises sounds'),
    'zero-shot-audio-classification': msg('Sorts sounds by your labels'),
    'text-to-audio': msg('Speaks'),
  })[task];

/** As `taskWords`, and whether one can talk with it. */
export const abilityWords = ({ task, holdsConversations }: Pick<ModelSummary, 'task' | 'holdsConversations'>): string =>
  task === 'text-generation' && holdsConversations ? msg('Holds conversations') : taskWords(task);

export const tierWords = (tier: Tier): string =>
  ({ nano: msg('Nano'), micro: msg('Micro'), small: msg('Small'), medium: msg('Medium'), large: msg('Large') })[tier];

export const tierRange = (tier: Tier): string =>
  ({
    nano: msg('below 100 million parameters'),
    micro: msg('100 million to 1.4 billion parameters'),
    small: msg('1.4 to 14 billion parameters'),
    medium: msg('14 to 30 billion parameters'),
    large: msg('above 30 billion parameters'),
  })[tier];

export const verdictWords = (verdict: VariantFit['verdict']): string =>
  ({ fits: msg('Fits this device'), tight: msg('Runs, with limits'), no: msg('Does not fit this device') })[verdict];

export const reasonWords = (reason: FitReason): string =>
  ({
    'needs-webgpu': msg('It needs a graphics processor that the browser can use (WebGPU).'),
    'software-gpu': msg('Graphics are emulated in software here, which is very slow.'),
    'gpu-wrong': msg('The graphics processor computes wrong numbers: see Device.'),
    'gpu-failed': msg('The graphics processor failed its test: see Device.'),
    'needs-f16': msg('It needs a graphics processor with 16-bit arithmetic.'),
    'needs-feature': msg('It needs a feature that the graphics processor lacks.'),
    'gpu-buffer-too-small': msg('The graphics processor cannot hold its largest part in one piece.'),
    'gpu-buffers-too-few': msg('The graphics processor cannot use as many buffers at once as it needs.'),
    'needs-wasm-simd': msg('It needs a newer browser (WebAssembly SIMD).'),
    memory: msg('It needs more memory than this device has.'),
    'memory-close': msg('It takes more than half of the memory: close other tabs first.'),
    'wasm-memory': msg('It needs more memory than the processor gives to a web page (4 GB).'),
    'reference-memory': msg('The 8-bit form that it is compared with before it is taken needs more memory than there is.'),
    storage: msg('There is not enough free space for it.'),
    'reference-only': msg('It is meant for tests and comparison only.'),
  })[reason];

/** Why a variant was chosen among those that can run. */
export const choiceWords = (choice: ChoiceReason): string =>
  ({
    'only-one': msg('It is the only variant that can run here.'),
    wished: msg('Chosen because models are to run on the processor on this device.'),
    best: msg('Chosen because this device is to have the best quality.'),
    measured: msg('Chosen because it is the fastest here, as measured.'),
    'gpu-first': msg('Chosen because a graphics processor is usually the fastest. Nothing was measured yet.'),
    'gpu-emulated': msg('Chosen because the graphics processor is emulated here, which is slow.'),
    smallest: msg('Chosen because it is the smallest that runs well here.'),
  })[choice];

/** What a measurement says of a variant; nothing where it says nothing. */
export const speedWords = ({ tokensPerSecond }: VariantFit): string =>
  tokensPerSecond === undefined
    ? ''
    : msg(str`Measured here: about ${formatNumber(tokensPerSecond, tokensPerSecond < 10 ? 1 : 0)} tokens/s.`);

export const deviceWords = (device: ExecutionDevice): string => (device === 'webgpu' ? msg('Graphics (WebGPU)') : msg('Processor (WASM)'));

export const dtypeWords = (dtype: Dtype): string =>
  ({
    fp32: msg('full precision, 32-bit'),
    fp16: msg('half precision, 16-bit'),
    int8: msg('8-bit'),
    q8: msg('8-bit'),
    q4: msg('4-bit'),
    q4f16: msg('4-bit with 16-bit arithmetic'),
  })[dtype];

export const phaseWords = (phase: InstallProgress['phase']): string =>
  ({
    preparing: msg('Preparing'),
    queued: msg('In the queue'),
    downloading: msg('Downloading'),
    transcoding: msg('Rewriting for this device'),
    activating: msg('Activating'),
    trying: msg('Testing'),
  })[phase];

/** Which check of a trial runs. */
export function trialWords(step: TrialStep): string {
  switch (step.check) {
    case 'loading':
      return msg('Testing: it is loaded beside the version in use');
    case 'smoke':
      return msg('Testing: its first answer');
    case 'suite':
      return msg(str`Testing: case ${step.done + 1} of ${step.total}`);
    case 'comparing':
      return msg(str`Testing: the version in use for comparison, case ${step.done + 1} of ${step.total}`);
  }
}

/** What was wrong with a version that failed its trial; the figures are in the engine's own words. */
export const gateFailureWords = (failure: GateFailure): string =>
  ({
    load: msg('It could not be loaded.'),
    crash: msg('It crashed, or the page ended while it was tested.'),
    'out-of-memory': msg('It needs more memory than this device has.'),
    timeout: msg('It took too long.'),
    'invalid-output': msg('It gives nothing that can be used.'),
    evaluation: msg('It failed the tests that its publisher wrote for it.'),
    worse: msg('It is clearly worse than the version in use.'),
    slower: msg('It is much slower than the version in use.'),
  })[failure];

export const timeLeftWords = (secondsLeft: number): string => msg(str`about ${formatDuration(Math.max(1, Math.round(secondsLeft)))} left`);

export const tokensWords = (tokens: number): string => plural(tokens, msg('1 token'), msg(str`${formatNumber(tokens)} tokens`));

/** Chunks, as people who never heard of any may call them. */
export const partsWords = (parts: number): string => plural(parts, msg('1 part'), msg(str`${parts} parts`));

/** Why a model does not run as its variant was made to. */
export function fallbackWords({ reason, message, variant }: Fallback): string {
  if (variant !== undefined) {
    return msg(
      str`Its smaller variant ${variant} runs in its place, for some minutes: ${errorWords({ code: 'out_of_memory', message }).title}.`,
    );
  }
  switch (reason) {
    case 'gpu-missing':
      return msg('The graphics processor that it was installed for is not offered by the browser now.');
    case 'gpu-no-f16':
      return msg('It needs a graphics processor with 16-bit arithmetic.');
    case 'gpu-wrong':
      return msg('The graphics processor computes wrong numbers: see Device.');
    case 'gpu-failed':
      return msg('The graphics processor failed its test: see Device.');
    case 'wished':
      return msg('The processor was chosen for it on this device.');
    default:
      return msg(str`Lighter than it could, for some minutes, since it failed: ${errorWords({ code: reason, message }).title}.`);
  }
}

/** Where an answer was computed: "Processor (WASM), 2 threads". */
export function placeWords(run: Pick<RunInfo, 'device' | 'threads'>): string {
  const place = deviceWords(run.device);
  if (run.device === 'webgpu') return place;
  return plural(run.threads, msg(str`${place}, 1 thread`), msg(str`${place}, ${run.threads} threads`));
}
