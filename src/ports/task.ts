import type { TASK_INPUTS, Task } from '../core/tasks.ts';

/** Rows from the top, pixels from the left, `data.length / (width * height)` bytes a pixel: 1 (grey, or a mask), 3 (RGB) or 4 (RGBA). */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** A file that the browser can decode, or what was decoded; an ImageData is one of these. */
export type Picture = Blob | Pixels;

interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

interface Labelled {
  readonly candidate_labels: readonly string[];
}

/** By the shapes of `TASK_INPUTS`, as they cross borders. */
export interface InputByShape {
  readonly prompt: string | readonly Message[];
  readonly texts: string | readonly string[];
  readonly text: string;
  readonly 'text-labels': { readonly text: string } & Labelled;
  readonly 'question-context': { readonly question: string; readonly context: string };
  readonly image: { readonly image: Picture };
  readonly 'image-labels': { readonly image: Picture } & Labelled;
  readonly 'image-question': { readonly image: Picture; readonly question: string };
  /** Mono, 16 kHz, -1 to 1. */
  readonly audio: { readonly audio: Float32Array };
  /** Mono, 48 kHz, -1 to 1: what CLAP listens to. */
  readonly 'audio-labels': { readonly audio: Float32Array } & Labelled;
}
export type TaskInput<T extends Task> = InputByShape[(typeof TASK_INPUTS)[T]];
export type AnyInput = TaskInput<Task>;

export interface Label {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** A name or the like in a text. */
export interface Entity {
  readonly label: string;
  readonly score: number;
  readonly word: string;
  /** Where it stands in the text, in UTF-16 units; absent where the model's tokenizer changed the text so that it is not found again. */
  readonly start?: number;
  readonly end?: number;
}

export interface Answer {
  readonly answer: string;
  readonly score: number;
  /** As in an `Entity`, in the context. */
  readonly start?: number;
  readonly end?: number;
}

export interface Filled {
  readonly score: number;
  readonly token: number;
  readonly token_str: string;
  /** The text with its gap filled. */
  readonly sequence: string;
}

/** In pixels of the picture that was given. */
export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

export interface Detection extends Label {
  readonly box: Box;
}

export interface Segment {
  /** `null` for a model that tells only what belongs together. */
  readonly label: string | null;
  readonly score: number | null;
  /** Of the picture's size, one byte a pixel: 0 outside, 255 inside. */
  readonly mask: Pixels;
}

/** Row-major: the last of `dims` runs fastest. */
export interface PlainTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface SpokenSegment {
  readonly text: string;
  /** Seconds from the beginning. */
  readonly timestamp: readonly [number, number];
}

/** What a task gives, in the shapes of transformers.js but plain: no class of a library crosses a border. Lists are in falling order of score. */
export interface TaskOutputs {
  readonly 'text-generation': { readonly generated_text: string; readonly finish_reason: 'stop' | 'length' };
  /** texts x dimensions, each row of unit length. */
  readonly 'feature-extraction': PlainTensor;
  readonly 'automatic-speech-recognition': { readonly text: string; readonly chunks: readonly SpokenSegment[] };
  readonly 'text-classification': readonly Label[];
  /** In the order of the text. */
  readonly 'token-classification': readonly Entity[];
  readonly 'question-answering': readonly Answer[];
  readonly 'fill-mask': readonly Filled[];
  readonly summarization: { readonly summary_text: string };
  readonly translation: { readonly translation_text: string };
  readonly 'text2text-generation': { readonly generated_text: string };
  readonly 'zero-shot-classification': readonly Label[];
  readonly 'image-classification': readonly Label[];
  readonly 'zero-shot-image-classification': readonly Label[];
  readonly 'object-detection': readonly Detection[];
  readonly 'zero-shot-object-detection': readonly Detection[];
  readonly 'image-segmentation': readonly Segment[];
  /** The picture with an alpha channel: four bytes a pixel. */
  readonly 'background-removal': Pixels;
  /** `predicted_depth` is height x width as the model means it; `depth` the same as a grey picture, the largest value white. */
  readonly 'depth-estimation': { readonly predicted_depth: PlainTensor; readonly depth: Pixels };
  readonly 'image-to-image': Pixels;
  readonly 'image-to-text': { readonly generated_text: string };
  readonly 'image-feature-extraction': PlainTensor;
  readonly 'document-question-answering': { readonly answer: string | null };
  readonly 'audio-classification': readonly Label[];
  readonly 'zero-shot-audio-classification': readonly Label[];
  /** Mono, -1 to 1. */
  readonly 'text-to-audio': { readonly audio: Float32Array; readonly sampling_rate: number };
}
export type TaskOutput<T extends Task> = TaskOutputs[T];

/** Told while it runs: the text so far, or how much of the work is done. */
export interface RunProgress {
  readonly text?: string;
  /** Of `total`: labels that were compared, seconds that were heard. */
  readonly done?: number;
  readonly total?: number;
}

/** The tasks that are not served by a loader of their own. */
export type PipelineTask = Exclude<Task, 'text-generation' | 'feature-extraction' | 'automatic-speech-recognition'>;

export interface PipelineRequest {
  /** Of the shape that the model's task takes; anything else is refused. */
  readonly input: AnyInput;
  /** Refused where the model's task has no such option. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Which task it was tells which answer it is. */
export type PipelineOutput = { readonly [T in PipelineTask]: { readonly task: T; readonly output: TaskOutput<T> } }[PipelineTask];

/** `truncated`: of a text the model read only the beginning. */
export type PipelineResult = PipelineOutput & { readonly runMs: number; readonly truncated: boolean };
