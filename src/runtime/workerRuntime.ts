import { type ErrorCode, SillError } from '../core/errors.ts';
import type { LostPart } from '../core/lostPart.ts';
import type { Locks } from '../ports/browser.ts';
import type { Calculator, ComputeSpec } from '../ports/calculator.ts';
import type { ChatMessage, GenerateRequest, ReadAheadRequest } from '../ports/generation.ts';
import type { LoadedModel, LoadReport, LoadSpec, ReadAs, Runtime } from '../ports/runtime.ts';
import { type CallOptions, createClient } from '../protocol/client.ts';
import type { ItemOf, ParamsIn, ResultOf } from '../protocol/contract.ts';
import type { InferenceContract } from '../protocol/inference.ts';
import { watchStops } from './stoppedCalls.ts';

/**
 * How long an aborted call may take at least to end by itself before its worker is terminated: one step, such as encoding 30 seconds of speech, cannot be
 * cut. Where the worker told of longer steps it is given as many of those, and anew from the end of each.
 */
const ABORT_GRACE_MS = 10_000;
const ABORT_GRACE_STEPS = 2;

/** How long a worker may take to end by itself: until its step ends, and its threads look up, which they do each 100 ms. */
const LEAVE_MS = 2_000;

/** How long a worker waits for a model: as long as somebody needs who opens the app to write the first question. */
const SPARE_MS = 2 * 60_000;

/** The worker is ended with an aborted one of these, or nobody waits for its end: a model is not lost for what it reads ahead. */
const UNHURRIED: ReadonlySet<string> = new Set(['load', 'compute', 'readAhead'] satisfies Array<keyof InferenceContract>);

/** After these a realm is not trusted again: the runtime is in an unknown state, its memory is full or its GPU is gone. */
const BROKEN: ReadonlySet<ErrorCode> = new Set(['runtime_failed', 'out_of_memory', 'unsupported_device', 'device_lost']);

/**
 * One worker a model. One whose runtime broke is terminated, and `lost` tells why.
 * @param spawn starts the inference worker
 * @param locks through which a worker that ends without a word is missed: a browser tells nobody
 */
export function createWorkerRuntime(spawn: () => Worker, locks: Pick<Locks, 'hold'>): Runtime & Calculator {
  const spare = createSpare(() => watch(spawn(), locks));
  return {
    prepare: spare.prepare,
    async load(spec, { signal }) {
      signal?.throwIfAborted();
      const realm = spare.takeFor(spec) ?? watch(spawn(), locks);
      try {
        const report = await realm.call('load', loadParams(spec), signal ? { signal } : {});
        return loadedModel(realm, report);
      } catch (reason) {
        realm.end(undefined);
        throw reason;
      }
    },
    async compute(spec, { signal }) {
      signal?.throwIfAborted();
      const realm = watch(spawn(), locks);
      try {
        return await realm.call('compute', computeParams(spec), signal ? { signal } : {});
      } finally {
        realm.leave();
      }
    },
  };
}

type Realm = ReturnType<typeof watch>;

/** One worker whose runtime is started before it is known which model it gets. */
function createSpare(start: () => Realm): Pick<Runtime, 'prepare'> & { takeFor(spec: LoadSpec): Realm | undefined } {
  let kept: { readonly threads: number; readonly realm: Realm } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    kept?.realm.leave();
    kept = undefined;
  };
  return {
    prepare(threads) {
      if (kept?.threads !== threads) {
        end();
        const realm = start();
        kept = { threads, realm };
        // Whatever became of it, the next model starts a worker of its own.
        void realm.lost.then(() => {
          if (kept?.realm === realm) end();
        });
        // Once a model has taken it, that one is told.
        realm.call('prepare', { threads }).catch(() => {
          if (kept?.realm !== realm) return;
          // Not to be asked to leave: nobody knows in which state it is.
          realm.end(undefined);
          end();
        });
      }
      clearTimeout(timer);
      timer = setTimeout(end, SPARE_MS);
    },
    takeFor({ task, build, threads }) {
      if (task !== 'text-generation' || build !== 'plain' || kept?.threads !== threads) return undefined;
      const { realm } = kept;
      kept = undefined;
      clearTimeout(timer);
      return realm;
    },
  };
}

/** Names a worker's lock, unlike those of other tabs and of workers before it. */
const nextLock = (): string => `sill-worker:${crypto.randomUUID()}`;

function watch(worker: Worker, locks: Pick<Locks, 'hold'>) {
  const client = createClient<InferenceContract>(
    watchStops(worker, (method, stopped) => {
      if (!UNHURRIED.has(method)) enforceEnd(stopped);
    }),
  );
  let settle: (reason: Error | undefined) => void = () => undefined;
  const lost = new Promise<Error | undefined>((resolve) => {
    settle = resolve;
  });

  let ended = false;
  const forget = (reason: SillError | undefined) => {
    ended = true;
    client.close(reason ?? new SillError('worker_lost', 'The model was unloaded.'));
    settle(reason);
  };
  const end = (reason: SillError | undefined) => {
    if (ended) return;
    worker.terminate();
    forget(reason);
  };
  /** As `end`, of a worker that is in order: all that it holds is given back at once. */
  const leave = () => {
    if (ended) return;
    void client.call('leave', {}).catch(() => undefined);
    setTimeout(() => worker.terminate(), LEAVE_MS);
    forget(undefined);
  };
  const die = (what: string, part?: LostPart) =>
    end(
      new SillError('worker_lost', `The worker that ran the model stopped${what === '' ? '' : `: ${what}`}. Load the model again.`, {
        details: { reason: what, ...(part ? { part } : {}) },
      }),
    );
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    // Of a script that was not there a browser says nothing at all.
    if (event.message === undefined) die('its script could not be loaded', 'script');
    else die(event.message);
  });
  worker.addEventListener('messageerror', () => die('a message could not be read'));
  const lock = nextLock();
  client.call('hold', { lock }).then(
    () => void locks.hold(lock, async () => die('it was ended')),
    // It died before it could, which has been told.
    () => undefined,
  );

  let longestStepMs = 0;
  const ending = new Set<() => void>();
  const onItem = (longestMs: number) => {
    longestStepMs = longestMs;
    // It computes: what was cancelled waits for others, each of whom has its step in turn.
    for (const wait of ending) wait();
  };
  client.call('steps', {}, { onItem }).catch(() => undefined);

  /** The worker gets a short time to come to the end of a call that nobody waits for any more. One that waits there for its turn ends at once. */
  const enforceEnd = (stopped: Promise<void>) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => die('a cancelled call did not end', 'stopped'), Math.max(ABORT_GRACE_MS, ABORT_GRACE_STEPS * longestStepMs));
    };
    ending.add(wait);
    wait();
    void stopped.then(() => {
      clearTimeout(timer);
      ending.delete(wait);
    });
  };

  return {
    lost,
    end,
    leave,
    async call<K extends keyof InferenceContract & string>(
      name: K,
      params: ParamsIn<InferenceContract, K>,
      options: CallOptions<ItemOf<InferenceContract, K>> = {},
    ): Promise<ResultOf<InferenceContract, K>> {
      try {
        return await client.call(name, params, options);
      } catch (reason) {
        if (reason instanceof SillError && BROKEN.has(reason.code)) end(reason);
        throw reason;
      }
    },
  };
}

/** The contract's arrays are mutable, as structured clone makes them; the port's are not. */
function loadParams({ files, generation, sinkTokens, ...spec }: LoadSpec): ParamsIn<InferenceContract, 'load'> {
  return {
    ...spec,
    files: [...files],
    ...(generation ? { generation: { ...generation, eosTokenIds: [...generation.eosTokenIds] } } : {}),
    ...(sinkTokens ? { sinkTokens: [...sinkTokens] } : {}),
  };
}

function computeParams({ jobs, ...spec }: ComputeSpec): ParamsIn<InferenceContract, 'compute'> {
  return {
    ...spec,
    jobs: jobs.map(({ files, calls, repeatForMs }) => ({
      files: [...files],
      calls: calls.map((feeds) => feeds.map((feed) => ({ ...feed, dims: [...feed.dims] }))),
      repeatForMs,
    })),
  };
}

function generateParams({ input, stop, logitBias, given, tools, ...request }: GenerateRequest): ParamsIn<InferenceContract, 'generate'> {
  return {
    ...request,
    stop: [...stop],
    input: mutable(input),
    ...(tools ? { tools: { ...tools, tools: [...tools.tools] } } : {}),
    ...(given ? { given: given.map((ids) => [...ids]) } : {}),
    ...(logitBias ? { logitBias: logitBias.map(([id, bias]) => [id, bias]) } : {}),
  };
}

function readAheadParams({ messages, tools, ...request }: ReadAheadRequest): ParamsIn<InferenceContract, 'readAhead'> {
  return {
    ...request,
    messages: messages.map(mutableMessage),
    ...(tools ? { tools: { ...tools, tools: [...tools.tools] } } : {}),
  };
}

const mutableMessage = ({ toolCalls, ...message }: ChatMessage) => ({ ...message, ...(toolCalls ? { toolCalls: [...toolCalls] } : {}) });

function mutable(input: GenerateRequest['input']): ParamsIn<InferenceContract, 'generate'>['input'] {
  if (input.kind === 'chat') return { ...input, messages: input.messages.map(mutableMessage) };
  return input.kind === 'tokens' ? { ...input, ids: [...input.ids] } : input;
}

function loadedModel({ call, lost, leave }: Realm, report: LoadReport): LoadedModel {
  return {
    report,
    lost,
    unload: leave,
    tokenize: (text) => call('tokenize', { text }),
    async readAhead(request, { signal, onRead }) {
      await call('readAhead', readAheadParams(request), { ...(signal ? { signal } : {}), ...(onRead ? { onItem: onRead } : {}) });
    },
    beginningOf: (input) => call('beginningOf', { input: mutable(input) }),
    exportBeginning: (ids, salt) => call('exportBeginning', { ids: [...ids], salt }),
    restoreBeginnings: (kept, ground) =>
      call('restoreBeginnings', { kept: [...kept], ground }, { transfer: kept.map(({ bytes }) => bytes.buffer) }),
    async forgetBeginnings() {
      await call('forgetBeginnings', {});
    },
    memory: () => call('memory', {}),
    time: (work, { signal }) => call('time', { work }, signal ? { signal } : {}),
    score: (text, { signal, as }) => call('score', { text, ...(as ? { as: readAs(as) } : {}) }, signal ? { signal } : {}),
    measureSinks: (text, { candidates, begin, always }, { signal }) =>
      call(
        'measureSinks',
        { text, candidates: [...candidates], always: [...always], ...(begin === undefined ? {} : { begin }) },
        signal ? { signal } : {},
      ),
    embed: (texts, { signal }) => call('embed', { texts: [...texts] }, signal ? { signal } : {}),
    generate: (request, { signal, onPiece, onAccepted }) =>
      call('generate', generateParams(request), {
        ...(signal ? { signal } : {}),
        onItem: (item) => ('accepted' in item ? onAccepted?.() : onPiece?.(item)),
      }),
    run: (request, { signal, onProgress }) =>
      call('run', request, { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) }),
    transcribe: ({ audio, ...request }, { signal, onProgress }) => {
      const copy = new Float32Array(audio);
      return call(
        'transcribe',
        { ...request, audio: copy },
        { transfer: [copy.buffer], ...(signal ? { signal } : {}), ...(onProgress ? { onItem: onProgress } : {}) },
      );
    },
  };
}

const readAs = ({ sinkTokens }: ReadAs): { sinkTokens?: number[] } => (sinkTokens ? { sinkTokens: [...sinkTokens] } : {});
