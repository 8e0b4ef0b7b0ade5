import { describe, expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId, parseVariantId } from '../../core/ids.ts';
import type { EngineEvent } from '../../protocol/engineReports.ts';
import type { FileImportProgress, FileInspection, ImportSummary } from '../../protocol/importReports.ts';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { type ImportsSill, ImportsStore } from './imports-store.ts';

const INSPECTION: FileInspection = {
  ...{ id: parseModelId('file:tiny'), name: 'Tiny', fits: [], installed: false },
  found: {
    ...{ architecture: 'llama', parameters: 1, contextLength: 1, sizeBytes: 1, types: {}, sinkTokens: [], forms: [] },
    ...{ tokenizer: { kind: 'llama', tokens: 1 }, generation: { eosTokenIds: [] } },
  },
};
const at = (phase: FileImportProgress['phase']): FileImportProgress => ({ phase, doneBytes: 1, totalBytes: 5 });

interface Import {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: FileImportProgress) => void;
  readonly fail: (error: SillError) => void;
}

const never = new Promise<never>(() => undefined);

/** A store that looked at an address, and begins to import what lies there. */
async function begins(): Promise<{ readonly store: ImportsStore; readonly running: Import; readonly done: Promise<void> }> {
  let running: Import | undefined;
  const sill: ImportsSill = {
    watch: () => () => undefined,
    models: {
      list: async () => [],
      inspectFile: async () => INSPECTION,
      importFile: (_from, { signal, onProgress = () => undefined } = {}) =>
        new Promise<ModelSummary>((_resolve, fail) => {
          signal?.addEventListener('abort', () => fail(new SillError('aborted', 'As was asked.')));
          running = { signal, onProgress, fail };
        }),
    },
    imports: {
      list: async () => ({ unfinished: [], finished: [] }),
      ...{ pause: () => never, resume: () => never, cancel: () => never },
    },
  };
  const store = new ImportsStore(sill);
  await store.look('files/tiny.gguf');
  const done = store.begin('int8-wasm');
  if (!running) throw new Error('nothing began');
  return { store, running, done };
}

describe('what was looked at, and is fetched again to be imported', () => {
  it('is in sight until it is in the list, with how far it is, and is out of reach of this then', async () => {
    const { store, running } = await begins();
    running.onProgress(at('fetching'));
    expect(store).toMatchObject({ beginning: true, fetching: at('fetching'), looked: { inspection: INSPECTION } });
    running.onProgress(at('looking'));
    expect(store).toMatchObject({ beginning: true, fetching: undefined, looked: { inspection: INSPECTION } });
    running.onProgress(at('reference'));
    expect(store).toMatchObject({ beginning: false, looked: undefined });
    store.dismiss();
    expect(running.signal?.aborted).toBe(false);
  });

  it('is not fetched to its end where a person does not wait for it', async () => {
    const { store, running, done } = await begins();
    running.onProgress(at('fetching'));
    store.dismiss();
    expect(running.signal?.aborted).toBe(true);
    await done;
    expect(store).toMatchObject({ beginning: false, fetching: undefined, looked: undefined, error: undefined });
  });

  it('stays in sight where it cannot be, to be imported in another form', async () => {
    const { store, running, done } = await begins();
    running.onProgress(at('fetching'));
    running.fail(new SillError('quota_exceeded', 'As the test says.'));
    await done;
    expect(store).toMatchObject({
      beginning: false,
      fetching: undefined,
      looked: { inspection: INSPECTION },
      error: { code: 'quota_exceeded' },
    });
  });
});

describe('an import that goes on', () => {
  it('is under way with what the engine tells first, and has nothing to go on with until it stops', async () => {
    const paused: ImportSummary = {
      ...{ id: INSPECTION.id, name: 'Tiny', variant: parseVariantId('int8-wasm'), state: 'failed', goesOn: 'now', startedAtMs: 0 },
      ...{ source: { kind: 'url', url: 'https://example.org/tiny.gguf' }, doneBytes: 1, totalBytes: 5 },
      error: { code: 'network_unavailable', message: 'As the test says.', details: {} },
    };
    let tell: (event: EngineEvent) => void = () => undefined;
    const store = new ImportsStore({
      watch(listener) {
        tell = listener;
        return () => undefined;
      },
      models: { list: async () => [], inspectFile: () => never, importFile: () => never },
      imports: {
        list: async () => ({ unfinished: [paused], finished: [] }),
        ...{ pause: () => never, resume: () => never, cancel: () => never },
      },
    });
    store.connect();
    await store.refresh();
    tell({ type: 'import', id: paused.id, progress: at('fetching') });
    const { goesOn: _goesOn, error: _error, ...rest } = paused;
    expect(store.report?.unfinished).toEqual([{ ...rest, state: 'running', progress: at('fetching') }]);
  });
});
