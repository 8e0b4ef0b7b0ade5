import * as v from 'valibot';
import { type CarriedFault, unreadableFile } from '../carriedFile.ts';
import type { SillError } from '../errors.ts';
import { parseCsv } from './csv.ts';
import { type BenchmarkResult, BenchmarkResultSchema, FAULTS, type Fault, type Figure, RESULT_SCHEMA, readResult } from './result.ts';
import { summarise } from './statistics.ts';

/** Read whole, and far more than 10,000 results take. */
export const IMPORT_CAP_BYTES = 128 * 1024 * 1024;
const MAX_ROWS = 100_000;

const text = v.optional(v.pipe(v.string(), v.maxLength(1000)), '');
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const speed = v.pipe(v.number(), v.finite(), v.minValue(0));

/** Of a row only what is kept of it. Older and newer versions of llama-bench have other fields beside these. */
const RowSchema = v.looseObject({
  build_commit: text,
  cpu_info: text,
  gpu_info: text,
  backends: text,
  model_filename: text,
  model_type: text,
  model_size: v.optional(count, 0),
  model_n_params: v.optional(count, 0),
  n_threads: v.optional(count, 1),
  n_gpu_layers: v.optional(v.number()),
  n_prompt: count,
  n_gen: count,
  n_depth: v.optional(count, 0),
  test_time: v.pipe(v.string(), v.isoTimestamp()),
  avg_ts: speed,
  stddev_ts: speed,
  samples_ts: v.optional(v.pipe(v.array(speed), v.maxLength(10_000))),
  /** Ours: all of a result, or only its id. */
  sill: v.optional(v.looseObject({ id: v.string() })),
  sill_id: v.optional(v.string()),
  sill_model: v.optional(v.string()),
  sill_revision: v.optional(v.string()),
  sill_variant: v.optional(v.string()),
  sill_label: v.optional(v.string()),
  sill_faults: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  repetitions: v.optional(count),
});
type Row = v.InferOutput<typeof RowSchema>;

const NUMBERS: ReadonlySet<string> = new Set(
  'build_number model_size model_n_params n_threads n_gpu_layers n_prompt n_gen n_depth avg_ns stddev_ns avg_ts stddev_ts repetitions'.split(
    ' ',
  ),
);

/**
 * Results out of a file: what this app exported, as JSON or CSV, or what llama-bench wrote (`-o json`, `jsonl` or `csv`). Rows of one model,
 * place and program become one result, to be held against those of this app.
 * @param idOf names what has no id, the same for the same words
 * @throws SillError `unreadableFile` that says what is wrong; then nothing of the file is taken
 */
export function readResults(file: string, idOf: (words: string) => string): BenchmarkResult[] {
  const rows = rowsOf(file).map(parseRow);
  if (rows.length === 0) throw faulty('foreign', 'it holds no result');
  const found = new Map<string, BenchmarkResult>();
  const foreign: Run[] = [];
  for (const row of rows) {
    if (row.sill && 'schema' in row.sill) {
      const result = ownResult(row.sill);
      found.set(result.id, result);
    } else if (!row.sill && row.n_prompt + row.n_gen > 0) {
      const setting = settingOf(row);
      const run = foreign.findLast((each) => each.setting === setting);
      if (run && isOfRun(run.rows, row)) run.rows.push(row);
      else foreign.push({ setting, rows: [row] });
    }
  }
  const names = new Map<string, number>();
  for (const { setting, rows: own } of foreign) {
    const [first] = own;
    if (!first) continue;
    // By its beginning, so that the same run has the same name when its file was read before it had come to its end.
    const name = first.sill_id ?? `llama-bench-${idOf(JSON.stringify([setting, first.test_time, testOf(first)]))}`;
    const times = names.get(name) ?? 0;
    names.set(name, times + 1);
    const result = foreignResult(own, times === 0 ? name : `${name}-${times + 1}`);
    found.set(result.id, result);
  }
  return [...found.values()];
}

interface Run {
  readonly setting: string;
  readonly rows: Row[];
}

/** What all rows of a run have in common. llama-bench goes through its settings one after the other, and each is a run of its own here. */
const settingOf = (row: Row): string =>
  JSON.stringify([
    ...[row.sill_id, row.build_commit, row.model_filename, row.model_type, row.backends, row.gpu_info, row.n_threads, row.n_gpu_layers],
    // As a table writes them.
    ...[row.n_batch, row.n_ubatch, row.type_k, row.type_v, row.flash_attn, row.use_mmap, row.split_mode].map((each) =>
      typeof each === 'boolean' ? String(Number(each)) : String(each ?? ''),
    ),
  ]);

const testOf = ({ n_prompt, n_gen, n_depth }: Row): string => `${n_prompt} ${n_gen} ${n_depth}`;

/** Loading, warming up and what fills the context before, which no row tells. */
const LONGEST_GAP_MS = 30 * 60_000;
const REPETITIONS = 5;

/** A run takes its tests one after the other, each once: one that comes again, or long after the last, begins another run. */
function isOfRun(rows: readonly Row[], next: Row): boolean {
  if (rows.some((row) => testOf(row) === testOf(next))) return false;
  const last = rows.at(-1);
  if (!last || next.sill_id !== undefined) return true;
  const { n_prompt, n_gen, avg_ts, samples_ts, repetitions } = last;
  const onceMs = avg_ts > 0 ? ((n_prompt + n_gen) / avg_ts) * 1000 : 0;
  const tookMs = onceMs * ((samples_ts?.length ?? repetitions ?? REPETITIONS) + 1);
  const gapMs = Date.parse(next.test_time) - Date.parse(last.test_time);
  return gapMs >= 0 && gapMs <= tookMs * 2 + LONGEST_GAP_MS;
}

/** What computes on the processor itself, or on another computer, which nothing is known of. */
const NO_GRAPHICS: ReadonlySet<string> = new Set(['', 'CPU', 'BLAS', 'RPC', 'AMX', 'KLEIDIAI', 'ZENDNN', 'ZDNN']);

/** Layers were on a graphics processor, and not only a backend for one in the program. */
const isGraphics = ({ backends, n_gpu_layers }: Row): boolean =>
  n_gpu_layers !== 0 && backends.split(',').some((each) => !NO_GRAPHICS.has(each.trim().toUpperCase()));

function rowsOf(file: string): unknown[] {
  const start = file.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('[')) return jsonOf(start, 'array');
  if (start.startsWith('{')) return start.split('\n').flatMap((line) => (line.trim() === '' ? [] : jsonOf(line, 'object')));
  const [header = [], ...rows] = parseCsv(start);
  if (!header.includes('avg_ts') || !header.includes('n_prompt')) {
    throw faulty('foreign', 'it is neither JSON nor a table with the columns of llama-bench (avg_ts, n_prompt)');
  }
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, NUMBERS.has(name) ? Number(row[i]) : row[i]])));
}

function jsonOf(words: string, what: 'array' | 'object'): unknown[] {
  try {
    const data: unknown = JSON.parse(words);
    return what === 'array' && Array.isArray(data) ? data : [data];
  } catch (cause) {
    throw faulty('damaged', 'it is cut off or damaged, or no JSON', {}, cause);
  }
}

function parseRow(data: unknown, index: number): Row {
  if (index >= MAX_ROWS) throw faulty('too_large', `it has more than ${MAX_ROWS} rows`);
  const parsed = v.safeParse(RowSchema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  // A list of something else has no row of ours at all.
  const why = `row ${index + 1} is not one of llama-bench: ${issue.message} (at ${v.getDotPath(issue) ?? 'the row'})`;
  throw faulty(index === 0 ? 'foreign' : 'damaged', why, { row: index + 1 });
}

function ownResult(data: Readonly<Record<string, unknown>>): BenchmarkResult {
  const result = readResult(data);
  if (result) return result;
  if (typeof data.schema === 'number' && data.schema > RESULT_SCHEMA) throw faulty('version', LATER);
  const [issue] = v.safeParse(BenchmarkResultSchema, data).issues ?? [];
  throw faulty('damaged', `a result in it is damaged: ${issue ? `${issue.message} (at ${v.getDotPath(issue)})` : 'it cannot be read'}`);
}

function foreignResult(rows: readonly Row[], id: string): BenchmarkResult {
  const [first] = rows;
  if (!first) throw faulty('foreign', 'it holds no result');
  const isSill = first.sill_id !== undefined;
  const faults = faultsIn(first);
  const isGpu = isGraphics(first);
  const startedAtMs = Math.min(...rows.map((row) => Date.parse(row.test_time)));
  return {
    schema: RESULT_SCHEMA,
    id: id.slice(0, 100),
    ...{ number: 0, state: faults.has('unfinished') ? 'interrupted' : 'complete', preset: 'custom', startedAtMs, tookMs: 0 },
    ...(first.sill_label ? { label: first.sill_label } : {}),
    source: isSill ? 'Sill (CSV)' : `llama-bench ${first.build_commit}`.trim(),
    model: {
      id: first.sill_model ?? fileName(first.model_filename),
      name: first.sill_model ?? fileName(first.model_filename),
      ...(first.sill_revision ? { revision: first.sill_revision } : {}),
      variant: first.sill_variant ?? first.model_type.slice(0, 100),
      task: 'text-generation',
      parameters: first.model_n_params,
      sizeBytes: first.model_size,
    },
    place: {
      device: isGpu ? 'webgpu' : 'wasm',
      threads: first.n_threads,
      isolated: true,
      ...(isGpu && first.gpu_info ? { adapter: first.gpu_info } : {}),
      ...(faults.has('emulated') ? { emulated: true } : {}),
      // A table does not say why.
      ...(faults.has('lighter') ? { fallback: 'unknown' } : {}),
      logicalCores: first.n_threads,
      userAgent: isSill ? '' : `${first.cpu_info} ${first.backends}`.trim(),
    },
    versions: { sill: isSill ? first.build_commit.replace('sill-', '') : '', onnxruntime: '' },
    ...{
      visibilityChanges: 0,
      hidden: faults.has('hidden'),
      contended: faults.has('contended'),
      repetitions: first.samples_ts?.length ?? first.repetitions ?? 0,
      warmups: 0,
    },
    figures: rows.flatMap(figuresOf),
  };
}

/**
 * What was not comparable where it was measured is not comparable here. `spread` follows from the figures of the rows.
 * @throws SillError for a fault that only a later version knows: without it the result would pass as comparable
 */
function faultsIn({ sill_faults = '' }: Row): ReadonlySet<Fault> {
  const words = sill_faults.split(' ').filter((word) => word !== '');
  const faults = words.flatMap((word) => FAULTS.find((fault) => fault === word) ?? []);
  if (faults.length < words.length) throw faulty('version', LATER);
  return new Set(faults);
}

const LATER = 'it was written by a later version of Sill: update the app first';

/** A row with a prompt and an answer together (`-pg`) has no like here. */
function figuresOf({ n_prompt, n_gen, n_depth, avg_ts, stddev_ts, samples_ts, repetitions = 0 }: Row): Figure[] {
  if (n_prompt > 0 && n_gen > 0) return [];
  const head = {
    metric: n_prompt > 0 ? ('pp' as const) : ('tg' as const),
    size: n_prompt + n_gen,
    ...(n_depth > 0 ? { depth: n_depth } : {}),
  };
  const summary = samples_ts && summarise(samples_ts);
  if (summary) return [{ ...head, ...summary, samples: samples_ts.slice(0, 100) }];
  return [{ ...head, count: repetitions, mean: avg_ts, sd: stddev_ts }];
}

const fileName = (path: string): string => (path.split(/[/\\]/).at(-1) ?? '').slice(0, 200) || 'unnamed';

function faulty(fault: CarriedFault, why: string, details: Readonly<Record<string, string | number>> = {}, cause?: unknown): SillError {
  return unreadableFile('results', fault, `This file holds no results that can be read: ${why}. Nothing was changed.`, { details, cause });
}
