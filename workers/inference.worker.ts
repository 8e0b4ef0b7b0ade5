import { SillError } from '../src/core/errors.ts';
import { createDigests } from '../src/delivery/digests.ts';
import { holdWorkers } from '../src/platform/heldWorkers.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { inferenceContract } from '../src/protocol/inference.ts';
import { serve, Transferring } from '../src/protocol/server.ts';
import { createCallLine } from '../src/runtime/callLine.ts';
import { compute } from '../src/runtime/compute.ts';
import { watchGpu } from '../src/runtime/gpuWatch.ts';
import { prepareHeapRuntime } from '../src/runtime/heapRuntime.ts';
import { watchMemory } from '../src/runtime/memoryUse.ts';
import { steps } from '../src/runtime/steps.ts';
import { watchThreads } from '../src/runtime/threads.ts';
import { loadWorkerModel, type WorkerModel } from '../src/runtime/workerModel.ts';
import grammarWorker from './grammar.worker.ts?worker&url';
import threadWorker from './thread.worker.ts?worker&url';
import weightsWorker from './weights.worker.ts?worker&url';

declare const self: DedicatedWorkerGlobalScope;

/** Before any runtime starts. */
const memoryUse = watchMemory();
const gpu = watchGpu();
holdWorkers();
const dismissThreads = watchThreads(new URL(threadWorker, import.meta.url).href);
const spawn = {
  grammars: () => new Worker(new URL(grammarWorker, import.meta.url), { type: 'module', name: 'grammar' }),
  weightReader: () => new Worker(new URL(weightsWorker, import.meta.url), { type: 'module', name: 'weights' }),
};

let model: WorkerModel | undefined;

/**
 * Calls run one after the other: a session is not re-entrant, and a call after an aborted one must wait for its end. Only text is
 * generated for several calls at once: those take turns with each token, and so does `tokenize` with them.
 */
const inTurn = createCallLine();

function loaded(): WorkerModel {
  if (model) return model;
  throw new SillError('runtime_failed', 'No model is loaded in this worker.');
}

openWorkerDoor('inference');
serve(
  inferenceContract,
  {
    // Not in turn: it is asked for first, and a worker that dies in its first call is missed too.
    hold: ({ lock }) =>
      new Promise((resolve) => {
        void navigator.locks.request(lock, () => {
          resolve(null);
          return new Promise(() => undefined);
        });
      }),
    leave: async () => {
      // What nobody waits for any more goes on until its step ends, for which it needs the threads.
      await inTurn(async () => model?.stop());
      await dismissThreads();
      self.close();
      return null;
    },
    // Not in turn: what a model reads besides it reads meanwhile.
    prepare: async ({ threads }) => {
      await prepareHeapRuntime(crossOriginIsolated ? threads : 1);
      return null;
    },
    load: (spec) =>
      inTurn(async () => {
        if (model) throw new SillError('runtime_failed', 'This worker holds a model already: start another one.');
        model = await loadWorkerModel(spec, spawn, createDigests(crypto.subtle), gpu);
        return model.report;
      }),
    steps: (_, { emit }) =>
      new Promise(() => {
        steps.watch((longestMs) => void emit(longestMs).catch(() => undefined));
      }),
    // Not in turn: whoever asks how full the memory is cannot wait for the end of an answer.
    memory: async () => memoryUse(model?.prefixBytes() ?? 0),
    compute: (spec, { signal }) =>
      inTurn(() => (spec.device === 'webgpu' ? gpu.guard(() => compute(spec, signal)) : compute(spec, signal)), signal),
    generate: async (request, { signal, emit }) =>
      (await inTurn(async () => loaded(), signal)).generate(request, {
        signal,
        onPiece: emit,
        onAccepted: () => void emit({ accepted: true }).catch(() => undefined),
      }),
    time: ({ work }, { signal }) => inTurn(() => loaded().time(work, signal), signal),
    score: ({ text, as }, { signal }) => inTurn(() => loaded().score(text, signal, as), signal),
    measureSinks: ({ text, ...question }, { signal }) => inTurn(() => loaded().measureSinks(text, question, signal), signal),
    tokenize: ({ text }) => inTurn(async () => loaded().tokenize(text)),
    // Beginnings are generated text's: not in turn, as that is not.
    readAhead: async (request, { signal, emit }) => {
      const onRead = (tokens: number) => void emit(tokens).catch(() => undefined);
      await (await inTurn(async () => loaded(), signal)).readAhead(request, { signal, onRead });
      return null;
    },
    beginningOf: async ({ input }) => loaded().beginningOf(input),
    exportBeginning: async ({ ids, salt }) => {
      const bytes = loaded().exportBeginning(ids, salt);
      return bytes ? new Transferring(bytes, [bytes.buffer]) : undefined;
    },
    forgetBeginnings: async () => {
      await loaded().forgetBeginnings();
      return null;
    },
    restoreBeginnings: async ({ kept, ground }) => loaded().restoreBeginnings(kept, ground),
    embed: ({ texts }, { signal }) =>
      inTurn(async () => {
        const result = await loaded().embed(texts, signal);
        return new Transferring(result, [result.vectors.buffer as ArrayBuffer]);
      }, signal),
    run: (request, { signal, emit }) =>
      inTurn(() => loaded().run(request, { signal, onProgress: (progress) => void emit(progress).catch(() => undefined) }), signal),
    transcribe: (request, { signal, emit }) => inTurn(() => loaded().transcribe(request, { signal, onProgress: emit }), signal),
  },
  self,
);
