import { expect } from 'vitest';
import { type ModelId, parseModelId } from '../../core/ids.ts';
import { variantOf } from '../../core/manifest.ts';
import { PLAIN_REPORT } from '../../core/testing/plainDevice.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { BenchmarkProgress } from '../../protocol/benchmarks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { type Benchmarks, createBenchmarks } from '../benchmarks/benchmarks.ts';
import { createConditions } from '../device/conditions.ts';
import { createHub } from '../hub.ts';
import type { Session } from '../sessions/session.ts';
import { PROMPT_READING } from './promptReading.ts';
import { refusingModel } from './refusingModel.ts';
import { createFakeLocks, putModel } from './storeFixture.ts';

export const MIB = 2 ** 20;
export const SHORT = { promptTokens: 16, generatedTokens: 4, repetitions: 2, warmups: 0 };
const MODEL = parseModelId('tiny');
const never = new AbortController().signal;

/** A device with one model, whose speed and memory the test decides. */
export class BenchmarksFixture {
  readonly store: Store = createMemoryStore();
  readonly locks = createFakeLocks();
  readonly conditions = createConditions();
  readonly model: ModelId = MODEL;
  nowMs = 1_000_000;
  monotonicMs = 0;
  /** What the next steps take, in milliseconds a token. */
  stepMs: number[] = [];
  heapMib = 10;
  threads = 2;
  isLoaded = false;
  /** What other models do. */
  others: ReadonlyArray<{ id: ModelId; underWay: number; waiting: number }> = [];
  /** Turns of all models. */
  begun = 0;
  /** What was timed, in tokens. */
  timed: number[] = [];
  /** Done before each time that something is measured. */
  beforeEachTurn: () => void | Promise<void> = () => undefined;
  /** Done while something is measured. */
  duringWork: () => void = () => undefined;

  private constructor() {}

  static async start(): Promise<BenchmarksFixture> {
    const fixture = new BenchmarksFixture();
    await putModel(fixture.store, { model: MODEL, parts: ['weights'] });
    return fixture;
  }

  /** Does it before the n-th time that something is measured. */
  before(turn: number, what: () => void | Promise<void>): void {
    let turns = 0;
    this.beforeEachTurn = async () => {
      turns += 1;
      if (turns === turn) await what();
    };
  }

  benchmarks(over: Partial<Store> = {}, maxResults?: number): Benchmarks {
    let ids = 0;
    const clock = { now: () => this.nowMs, monotonicMs: () => this.monotonicMs };
    return createBenchmarks({
      store: { ...this.store, ...over },
      sessions: {
        between: async (_id, _signal, work) => {
          this.isLoaded = false;
          return work();
        },
        use: async (_id, signal, work) => {
          await this.beforeEachTurn();
          signal.throwIfAborted();
          const loadMs = this.isLoaded ? undefined : 700;
          this.isLoaded = true;
          this.begun += 1;
          return work(await this.#session(), loadMs, PROMPT_READING);
        },
        states: () => [...this.others],
        begun: () => this.begun,
      },
      clock,
      random: { uint32: () => 1, uuid: () => `id-${++ids}-${Math.random().toString(36).slice(2, 8)}` },
      loadSpeech: () => Promise.reject(new Error('no speech')),
      device: { report: async () => PLAIN_REPORT },
      ...{ locks: this.locks, conditions: this.conditions },
      hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
      ...(maxResults === undefined ? {} : { maxResults }),
      versions: { sill: '0.1.0', onnxruntime: '1' },
    });
  }

  run(of = this.benchmarks(), over: Partial<Parameters<Benchmarks['run']>[0]> = {}, signal = never) {
    const told: BenchmarkProgress[] = [];
    const ended = of.run(
      { model: MODEL, preset: 'custom', custom: SHORT, ...over },
      { signal, client: 'tab', onProgress: (progress) => told.push(progress) },
    );
    return { told, ended };
  }

  #loaded(): LoadedModel {
    return {
      ...refusingModel({ loadMs: 1, build: 'plain', device: 'wasm', threads: this.threads }),
      memory: async () => ({ heapBytes: this.heapMib * MIB, gpuBytes: 0, prefixBytes: 0, totalBytes: this.heapMib * MIB }),
      time: async (work) => {
        this.duringWork();
        const each = this.stepMs.shift() ?? 10;
        this.timed.push(work.tokens);
        this.monotonicMs += each * work.tokens;
        if (work.kind === 'request')
          return { stepMs: Array.from({ length: work.tokens - 1 }, () => each), ttftMs: each * 5, promptTokens: work.promptTokens };
        return { stepMs: [each * work.tokens], promptTokens: work.tokens };
      },
    };
  }

  async #session(): Promise<Session> {
    const installed = (await this.store.models.slots(MODEL))?.active ?? expect.fail();
    const manifest = (await this.store.models.manifest(installed.revision)) ?? expect.fail();
    const form = { device: 'wasm' as const, threads: this.threads };
    return { model: this.#loaded(), manifest, variant: variantOf(manifest, installed.variant), installed, form };
  }
}
