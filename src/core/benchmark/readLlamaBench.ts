import * as v from 'valibot';
import { SillError } from '../errors.ts';
import { parseCsv } from './csv.ts';
import { type BenchmarkResult, BenchmarkResultSchema, type Figure, RESULT_SCHEMA, readResult } from './result.ts';
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
  repetitions: v.optional(count),
});
type Row = v.InferOutput<typeof RowSchema>;

const NUMBERS: ReadonlySet<string> = new Set(
  'build_number model_size model_n_params n_threads n_prompt n_gen n_depth avg_ns stddev_ns avg_ts stddev_ts repetitions'.split(' '),
);

/**
 * Results out of a file: what this app exported, as JSON or CSV, or what llama-bench wrote (`-o json`, `jsonl` or `csv`). Rows of one model,
 * place and program become one result, to be held against those of this app.
 * @param idOf names what has no id, the same for the same words
 * @throws SillError `invalid_request` that says what is wrong; then nothing of the file is taken
 */
export function readResults(file: string, idOf: (words: string) => string): BenchmarkResult[] {
  const rows = rowsOf(file).map(parseRow);
  if (rows.length === 0) throw faulty('it holds no result');
  const found = new Map<string, BenchmarkResult>();
  const foreign = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.sill && 'schema' in row.sill) {
      const result = ownResult(row.sill);
      found.set(result.id, result);
    } else if (!row.sill && row.n_prompt + row.n_gen > 0) {
      // llama-bench stamps each row; a run takes its rows one after the other.
      const key = JSON.stringify([
        row.sill_id ?? row.test_time.slice(0, 10),
        row.build_commit,
        row.model_filename,
        row.backends,
        row.gpu_info,
        row.n_threads,
      ]);
      foreign.set(key, [...(foreign.get(key) ?? []), row]);
    }
  }
  for (const [words, own] of foreign) {
    const result = foreignResult(own, own[0]?.sill_id ?? `llama-bench-${idOf(words)}`);
    found.set(result.id, result);
  }
  return [...found.values()];
}

function rowsOf(file: string): unknown[] {
  const start = file.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('[')) return jsonOf(start, 'array');
  if (start.startsWith('{')) return start.split('\n').flatMap((line) => (line.trim() === '' ? [] : jsonOf(line, 'object')));
  const [header = [], ...rows] = parseCsv(start);
  if (!header.includes('avg_ts') || !header.includes('n_prompt')) {
    throw faulty('it is neither JSON nor a table with the columns of llama-bench (avg_ts, n_prompt)');
  }
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, NUMBERS.has(name) ? Number(row[i]) : row[i]])));
}

function jsonOf(words: string, what: 'array' | 'object'): unknown[] {
  try {
    const data: unknown = JSON.parse(words);
    return what === 'array' && Array.isArray(data) ? data : [data];
  } catch (cause) {
    throw faulty('it is cut off or damaged, or no JSON', {}, cause);
  }
}

function parseRow(data: unknown, index: number): Row {
  if (index >= MAX_ROWS) throw faulty(`it has more than ${MAX_ROWS} rows`);
  const parsed = v.safeParse(RowSchema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw faulty(`row ${index + 1} is not one of llama-bench: ${issue.message} (at ${v.getDotPath(issue) ?? 'the row'})`, { row: index + 1 });
}

function ownResult(data: Readonly<Record<string, unknown>>): BenchmarkResult {
  const result = readResult(data);
  if (result) return result;
  if (typeof data.schema === 'number' && data.schema > RESULT_SCHEMA)
    throw faulty('it was written by a later version of Sill: update the app first');
  const [issue] = v.safeParse(BenchmarkResultSchema, data).issues ?? [];
  throw faulty(`a result in it is damaged: ${issue ? `${issue.message} (at ${v.getDotPath(issue)})` : 'it cannot be read'}`);
}

function foreignResult(rows: readonly Row[], id: string): BenchmarkResult {
  const [first] = rows;
  if (!first) throw faulty('it holds no result');
  const isSill = first.sill_id !== undefined;
  const isGpu = first.backends !== 'CPU' && first.backends !== '';
  const startedAtMs = Math.min(...rows.map((row) => Date.parse(row.test_time)));
  return {
    schema: RESULT_SCHEMA,
    id: id.slice(0, 100),
    ...{ number: 0, state: 'complete', preset: 'custom', startedAtMs, tookMs: 0 },
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
      logicalCores: first.n_threads,
      userAgent: isSill ? '' : `${first.cpu_info} ${first.backends}`.trim(),
    },
    versions: { sill: isSill ? first.build_commit.replace('sill-', '') : '', onnxruntime: '' },
    ...{
      visibilityChanges: 0,
      hidden: false,
      contended: false,
      repetitions: first.samples_ts?.length ?? first.repetitions ?? 0,
      warmups: 0,
    },
    figures: rows.flatMap(figuresOf),
  };
}

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

const faulty = (why: string, details: Readonly<Record<string, string | number>> = {}, cause?: unknown): SillError =>
  new SillError('invalid_request', `This file holds no results that can be read: ${why}. Nothing was changed.`, { details, cause });
