import { toLlamaBenchCsv, toLlamaBenchJson } from '../../core/benchmark/llamaBench.ts';
import { type CustomPlan, type Preset, planBenchmark } from '../../core/benchmark/plan.ts';
import { IMPORT_CAP_BYTES, readResults } from '../../core/benchmark/readLlamaBench.ts';
import { type BenchmarkResult, byAge, RESULT_SCHEMA, type ResultState, readResult } from '../../core/benchmark/result.ts';
import { unreadableFile } from '../../core/carriedFile.ts';
import { isAbort, SillError, toSillError } from '../../core/errors.ts';
import { FALLBACK_CONTEXT } from '../../core/fallbackContext.ts';
import type { ModelId } from '../../core/ids.ts';
import { type Manifest, type Variant, variantBytes, variantOf } from '../../core/manifest.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { Locks, Random } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import type { BenchmarkImport, BenchmarkList, BenchmarkOutcome, BenchmarkProgress, ResultFormat } from '../../protocol/benchmarks.ts';
import { BENCHMARK_LOCK } from '../../protocol/locks.ts';
import type { Conditions } from '../device/conditions.ts';
import type { DeviceService } from '../device/device.ts';
import type { Hub } from '../hub.ts';
import { notInstalled } from '../notInstalled.ts';
import { placeOf } from '../sessions/place.ts';
import { createFigures } from './benchmarkFigures.ts';
import { type Measurements, type RunDeps, runPlan } from './benchmarkRun.ts';

export interface Benchmarks {
  /** @throws SillError see `sill.benchmarks.run` */
  run(
    request: {
      readonly model: ModelId;
      readonly preset: Preset;
      readonly custom?: CustomPlan | undefined;
      readonly label?: string | undefined;
    },
    call: { readonly signal: AbortSignal; readonly client: string; readonly onProgress: (progress: BenchmarkProgress) => void },
  ): Promise<BenchmarkOutcome>;
  list(): Promise<BenchmarkList>;
  remove(ids: readonly string[]): Promise<number>;
  export(format: ResultFormat, ids?: readonly string[]): Promise<Blob>;
  /** @throws SillError `invalid_request` | `quota_exceeded` */
  import(file: Blob): Promise<BenchmarkImport>;
}

export interface BenchmarksDeps extends RunDeps {
  readonly store: Store;
  readonly device: Pick<DeviceService, 'report'>;
  readonly locks: Locks;
  readonly random: Random;
  readonly conditions: Pick<Conditions, 'looks'>;
  readonly hub: Hub;
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
  readonly maxResults?: number;
}

/** A result takes about 2 kB, and a list of more would not be read by anybody. With what is measured the oldest go, with what is read from a file none. */
const MAX_RESULTS = 10_000;

export function createBenchmarks(deps: BenchmarksDeps): Benchmarks {
  const { store, locks, clock, random, hub, versions, maxResults = MAX_RESULTS } = deps;

  /** The result that this engine measures. Whatever else says so meanwhile was left by one that died. */
  let running: string | undefined;

  /** As stored, but for those that nobody lived to end. */
  const stored = async (): Promise<BenchmarkList> => {
    const rows = await store.results.list();
    const results = rows.map(readResult).filter((result) => result !== undefined);
    const isElsewhere = running === undefined && (await locks.isHeld(BENCHMARK_LOCK));
    const isRunning = ({ id }: BenchmarkResult) => isElsewhere || id === running;
    return {
      results: results.map((result) => (result.state === 'running' && !isRunning(result) ? asInterrupted(result) : result)).sort(byAge),
      unreadable: rows.length - results.length,
    };
  };

  const nextNumber = async (): Promise<number> => ((await stored()).results[0]?.number ?? 0) + 1;

  const prune = async (): Promise<void> => {
    const surplus = (await stored()).results.slice(maxResults).map(({ id }) => id);
    if (surplus.length > 0) await store.results.delete(surplus);
  };

  const run: Benchmarks['run'] = async ({ model: id, preset, custom, label }, { signal, client, onProgress }) => {
    const { installed, manifest, variant } = await installedOf(store, id);
    const plan = planBenchmark(preset, { task: manifest.task, contextLength: manifest.contextLength ?? FALLBACK_CONTEXT }, custom);
    const startedAtMs = Math.max(0, clock.now());
    const startedMs = clock.monotonicMs();
    const lookedAt = watchLooks(() => deps.conditions.looks(client));
    const measurements: Measurements = { figures: createFigures(), contended: false };
    const fixed = {
      ...({ schema: RESULT_SCHEMA, id: random.uuid(), number: await nextNumber(), preset, startedAtMs } as const),
      ...(label ? { label } : {}),
      ...{ model: modelOf(manifest, variant, installed), versions: { sill: versions.sill, onnxruntime: versions.onnxruntime } },
      ...{ repetitions: plan.repetitions, warmups: plan.warmups },
    };

    const resultNow = async (state: ResultState, error?: SillError): Promise<BenchmarkResult> => {
      const { contended, figures, peakMemoryBytes, memoryBytesPerMinute } = measurements;
      return {
        ...fixed,
        ...{ state, tookMs: clock.monotonicMs() - startedMs, place: await placeOf(deps.device, variant, measurements.session) },
        ...{ ...lookedAt(), contended, figures: figures.list() },
        ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
        ...(memoryBytesPerMinute === undefined ? {} : { memoryBytesPerMinute }),
        ...(error ? { error: { code: error.code, message: error.message } } : {}),
      };
    };
    /** A full disk costs the record, not the run. */
    const keep = async (result: BenchmarkResult): Promise<SillError | undefined> =>
      store.results.put([result]).then(
        () => undefined,
        (reason: unknown) => toSillError(reason),
      );

    const interrupted = (await store.results.list()).map(readResult).filter((result) => result?.state === 'running');
    await store.results.put(interrupted.filter((result) => result !== undefined).map(asInterrupted)).catch(() => undefined);
    running = fixed.id;
    await keep(await resultNow('running'));
    hub.tell({ type: 'benchmarks' });
    try {
      await runPlan(deps, measurements, {
        ...{ id, installed, plan, client, signal },
        onProgress: (progress) => onProgress({ id: fixed.id, ...progress }),
        onMeasured: async () => void (await keep(await resultNow('running'))),
      });
      const result = await resultNow('complete');
      const notStored = await keep(result);
      await prune().catch(() => undefined);
      return notStored ? { ...result, notStored: notStored.toData() } : result;
    } catch (reason) {
      const isAnything = measurements.figures.list().length > 0;
      const error = endedBy(toSillError(reason), isAnything);
      if (!isAnything) await store.results.delete([fixed.id]).catch(() => 0);
      else await keep(await resultNow(isAbort(reason) ? 'stopped' : 'failed', error));
      throw error;
    } finally {
      running = undefined;
      hub.tell({ type: 'benchmarks' });
    }
  };

  return {
    async run(request, call) {
      const held = await locks.tryHold(BENCHMARK_LOCK, () => run(request, call));
      if (held) return held.value;
      throw new SillError(
        'busy',
        'Another benchmark is running on this device, maybe in another tab. Two at once would measure each other: wait for its end, or stop it.',
        { details: { benchmark: 'running' } },
      );
    },
    list: stored,
    async remove(ids) {
      // One that is being measured would be written again with its next figure.
      const removed = await store.results.delete(ids.filter((id) => id !== running));
      if (removed > 0) hub.tell({ type: 'benchmarks' });
      return removed;
    },
    async export(format, ids) {
      const wanted = ids && new Set(ids);
      const results = (await stored()).results.filter(({ id }) => wanted?.has(id) ?? true);
      return format === 'csv'
        ? new Blob([toLlamaBenchCsv(results)], { type: 'text/csv' })
        : new Blob([toLlamaBenchJson(results)], { type: 'application/json' });
    },
    async import(file) {
      if (file.size > IMPORT_CAP_BYTES) {
        throw unreadableFile(
          'results',
          'too_large',
          `This file is larger than ${IMPORT_CAP_BYTES / 2 ** 20} MiB: it cannot be a list of results. Nothing was changed.`,
        );
      }
      const read = readResults(await file.text(), nameOf);
      const here = (await stored()).results;
      const known = new Map(here.map((result) => [result.id, result.number]));
      // A table has no loads, first tokens or memory: of what is here whole it brings nothing, and would take that away.
      const whole = new Set(here.flatMap(({ id, source }) => (source === undefined ? [id] : [])));
      const wanted = read.filter(({ id, source }) => id !== running && (source === undefined || !whole.has(id)));
      // The file has them still; what would go to make room for them is nowhere else.
      const room = new Set(
        wanted
          .filter(({ id }) => !known.has(id))
          .toSorted(byAge)
          .slice(0, Math.max(0, maxResults - here.length))
          .map(({ id }) => id),
      );
      const found = wanted.filter(({ id }) => known.has(id) || room.has(id));
      const taken = new Map(here.map((result) => [result.number, result.id]));
      const first = await nextNumber();
      // What was taken away from here comes back to its place; what came about elsewhere follows what is here.
      const keepsNumbers = found.every(({ id, number }) => number > 0 && (taken.get(number) ?? id) === id);
      // Oldest first, so that they follow each other here as they did there. A run that goes on there has ended by the time it is read.
      const numbered = found
        .toSorted((a, b) => byAge(b, a))
        .map((result, i) => ({
          ...(result.state === 'running' ? asInterrupted(result) : result),
          number: known.get(result.id) ?? (keepsNumbers ? result.number : first + i),
        }));
      await store.results.put(numbered);
      hub.tell({ type: 'benchmarks' });
      const replaced = found.filter(({ id }) => known.has(id)).length;
      return { added: found.length - replaced, replaced, kept: read.length - wanted.length, leftOut: wanted.length - found.length };
    },
  };
}

/** How a run is looked at from now on: by whoever asked, and in the page in which it computes, which may be another one. */
function watchLooks(looks: () => ReturnType<Conditions['looks']>): () => Pick<BenchmarkResult, 'hidden' | 'visibilityChanges'> {
  const before = looks();
  const changesOf = (of: 'asker' | 'host', now: typeof before) => Math.max(0, (now[of]?.changes ?? 0) - (before[of]?.changes ?? 0));
  return () => {
    const now = looks();
    const visibilityChanges = Math.max(changesOf('asker', now), changesOf('host', now));
    const isHidden = [before, now].some(({ asker, host }) => asker?.hidden === true || host?.hidden === true);
    return { visibilityChanges, hidden: isHidden || visibilityChanges > 0 };
  };
}

/** With what is kept, where its model was taken away or changed under it. */
const endedBy = (error: SillError, isAnything: boolean): SillError =>
  error.details.benchmark === undefined
    ? error
    : new SillError(
        error.code,
        `${error.message} ${isAnything ? 'What was measured until then is kept.' : 'Nothing was measured until then.'}`,
        {
          details: error.details,
          cause: error,
        },
      );

const asInterrupted = (result: BenchmarkResult): BenchmarkResult => ({ ...result, state: 'interrupted' });

/** FNV-1a, 64 bits: names what came without an id, so that it replaces itself when it is imported again. */
function nameOf(words: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(words)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

async function installedOf(store: Store, id: ModelId): Promise<{ installed: InstalledRevision; manifest: Manifest; variant: Variant }> {
  const installed = (await store.models.slots(id))?.active;
  const manifest = installed && (await store.models.manifest(installed.revision));
  if (!installed || !manifest) throw notInstalled(id);
  return { installed, manifest, variant: variantOf(manifest, installed.variant) };
}

function modelOf(manifest: Manifest, variant: Variant, { revision }: InstalledRevision): BenchmarkResult['model'] {
  const reference = manifest.referenceScores?.find((score) => score.variant === variant.id);
  return {
    ...{ id: manifest.id, name: manifest.name, revision, variant: variant.id, dtype: variant.dtype, task: manifest.task },
    ...{ parameters: manifest.parameters, sizeBytes: variantBytes(manifest, variant) },
    ...(reference
      ? { reference: { metric: reference.metric, value: reference.value, ...(reference.text ? { text: reference.text } : {}) } }
      : {}),
  };
}
