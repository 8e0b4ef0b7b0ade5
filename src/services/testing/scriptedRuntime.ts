import { SillError } from '../../core/errors.ts';
import type { EmbedResult, LoadedModel, Runtime } from '../../ports/runtime.ts';
import { refusingModel } from './refusingModel.ts';

/** How a revision behaves once it is loaded: its weights say so. */
export interface Behaviour {
  /** What it writes. */
  readonly says?: string;
  readonly nll?: number | 'no number';
  readonly load?: 'fails' | 'lost-gpu' | 'hangs' | 'out-of-memory' | 'out-of-memory-beside-another';
  readonly generate?: 'crashes' | 'hangs';
  /** The last of several goes on. */
  readonly tokensPerSecond?: number | readonly number[];
  /** What it makes of texts; `apart` keeps what means the same together. */
  readonly vectors?: 'apart' | 'mixed up' | 'the same' | 'no numbers';
  readonly hears?: string;
  /** Of an embedding or a transcription. */
  readonly tookMs?: number;
}

interface Weights extends Behaviour {
  readonly number: number;
}

/** A runtime that does what the weights say. */
export class ScriptedRuntime implements Runtime {
  /** Numbers of the revisions that were loaded, in order. */
  readonly loads: number[] = [];
  readonly live = new Set<number>();
  /** Awaited by each answer, for tests that stand in the middle of one. */
  pause: Promise<void> = Promise.resolve();
  /** Awaited by whatever it does: a tab that stands still, as one that was killed does for who looks from elsewhere. */
  frozen: Promise<void> = Promise.resolve();
  /** What each answer takes. */
  answersAfterMs = 0;

  prepare(): void {}

  async load(spec: Parameters<Runtime['load']>[0]): Promise<LoadedModel> {
    const blob = spec.files.find(({ path }) => path === 'weights.bin')?.blob;
    const weights = JSON.parse((await blob?.text()) ?? '') as Weights;
    this.loads.push(weights.number);
    await this.frozen;
    if (weights.load === 'fails') throw new SillError('runtime_failed', 'The graph is broken.');
    if (weights.load === 'lost-gpu') throw new SillError('unsupported_device', 'The device was lost.');
    if (weights.load === 'hangs') return new Promise(() => undefined);
    if (weights.load === 'out-of-memory' || (weights.load === 'out-of-memory-beside-another' && this.live.size > 0)) {
      throw new SillError('out_of_memory', 'There was not enough memory.');
    }
    this.live.add(weights.number);
    return this.modelOf(weights);
  }

  private modelOf(weights: Weights): LoadedModel {
    const speeds = [weights.tokensPerSecond ?? 100].flat();
    const speed = () => (speeds.length > 1 ? speeds.shift() : speeds[0]) ?? 100;
    return {
      ...refusingModel({ loadMs: 5, build: 'plain', device: 'wasm', threads: 1 }),
      generate: async ({ maxTokens = 1 }) => {
        await Promise.all([this.pause, this.frozen]);
        if (this.answersAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, this.answersAfterMs));
        if (weights.generate === 'crashes') throw new SillError('worker_lost', 'The worker that ran the model stopped.');
        if (weights.generate === 'hangs') return new Promise(() => undefined);
        return {
          text: `${weights.number} says ${weights.says}`,
          tokenIds: [],
          promptTokens: 1,
          completionTokens: maxTokens,
          finishReason: 'length',
          ttftMs: 1,
          prefillMs: 1,
          decodeMs: ((maxTokens - 1) * 1000) / speed(),
        };
      },
      score: async () => {
        await this.frozen;
        return { nll: weights.nll === 'no number' ? Number.NaN : (weights.nll ?? 1), tokens: 10, bytes: 40, top: [] };
      },
      embed: async (texts) => embedded(texts, weights),
      transcribe: async () => ({ text: weights.hears ?? '', segments: [], audioSeconds: 1, transcribeMs: weights.tookMs ?? 100 }),
      unload: () => this.live.delete(weights.number),
    };
  }
}

/** Texts in groups of three, of which the first two mean the same. */
function embedded(texts: readonly string[], { vectors: kind, tookMs = 100 }: Behaviour): EmbedResult {
  const dimensions = texts.length;
  const vectors = new Float32Array(dimensions * texts.length);
  for (const index of texts.keys()) {
    const group = Math.floor(index / 3);
    const isApart = kind === 'mixed up' ? index % 3 === 1 : index % 3 === 2;
    const axis = kind === 'the same' ? 0 : 2 * group + (isApart ? 1 : 0);
    vectors[index * dimensions + axis] = kind === 'no numbers' ? Number.NaN : 1;
  }
  return { vectors, dimensions, promptTokens: texts.length, embedMs: tookMs };
}
