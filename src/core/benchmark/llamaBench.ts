import { writeCsv } from './csv.ts';
import { type BenchmarkResult, type Figure, faultsOf } from './result.ts';
import { spreadOf, summarise } from './statistics.ts';

/** Of llama-bench's output, in its order. */
export const LLAMA_BENCH_FIELDS = [
  ...['build_commit', 'build_number', 'cpu_info', 'gpu_info', 'backends', 'model_filename', 'model_type', 'model_size', 'model_n_params'],
  ...['n_batch', 'n_ubatch', 'n_threads', 'cpu_mask', 'cpu_strict', 'poll', 'type_k', 'type_v', 'n_gpu_layers', 'n_cpu_moe'],
  ...['split_mode', 'main_gpu'],
  ...['no_kv_offload', 'flash_attn', 'devices', 'tensor_split', 'tensor_buft_overrides', 'use_mmap', 'use_direct_io', 'embeddings'],
  ...['no_op_offload', 'no_host', 'n_prompt', 'n_gen', 'n_depth', 'test_time', 'avg_ns', 'stddev_ns', 'avg_ts', 'stddev_ts'],
] as const;
type Field = (typeof LLAMA_BENCH_FIELDS)[number];

/** Columns of ours behind those of llama-bench in a table. */
const OWN_COLUMNS = [
  'sill_id',
  'sill_model',
  'sill_revision',
  'sill_variant',
  'sill_device',
  'sill_label',
  'sill_faults',
  'repetitions',
] as const;

/** Longest piece of a prompt that is evaluated in one call, see core/prefill. */
const BATCH_TOKENS = 128;
/** All of them, as llama-bench says where everything runs on the graphics processor. */
const ALL_LAYERS = 99;
const NS_PER_S = 1e9;

/** What llama-bench has a row for: tokens of a prompt or of an answer by the second. */
const isRow = ({ metric, size }: Figure): boolean => (metric === 'pp' || metric === 'tg') && size !== undefined && size > 0;

function rowOf(result: BenchmarkResult, { metric, size = 0, depth = 0, mean, sd, samples }: Figure) {
  const { model, place, versions } = result;
  const isGpu = place.device === 'webgpu';
  const samplesNs = samples?.map((speed) => Math.round((size / speed) * NS_PER_S));
  const ns = samplesNs && summarise(samplesNs);
  const onceNs = mean > 0 ? (size / mean) * NS_PER_S : 0;
  const fields: Record<Field, string | number | boolean> = {
    build_commit: `sill-${versions.sill}`,
    build_number: 0,
    cpu_info: `${place.logicalCores} logical cores`,
    gpu_info: place.adapter ?? '',
    backends: isGpu ? 'WebGPU' : 'CPU',
    model_filename: model.id,
    model_type: `${model.name} ${model.variant}`,
    model_size: model.sizeBytes,
    model_n_params: model.parameters,
    n_batch: BATCH_TOKENS,
    n_ubatch: BATCH_TOKENS,
    n_threads: place.threads,
    cpu_mask: '0x0',
    cpu_strict: false,
    poll: 0,
    type_k: '',
    type_v: '',
    n_gpu_layers: isGpu ? ALL_LAYERS : 0,
    n_cpu_moe: 0,
    split_mode: 'none',
    main_gpu: 0,
    no_kv_offload: false,
    flash_attn: false,
    devices: 'auto',
    tensor_split: '0.00',
    tensor_buft_overrides: 'none',
    use_mmap: false,
    use_direct_io: false,
    embeddings: false,
    no_op_offload: 0,
    no_host: false,
    n_prompt: metric === 'pp' ? size : 0,
    n_gen: metric === 'tg' ? size : 0,
    n_depth: depth,
    test_time: new Date(result.startedAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    avg_ns: Math.round(ns?.mean ?? onceNs),
    stddev_ns: Math.round(ns?.sd ?? onceNs * spreadOf({ mean, sd })),
    avg_ts: mean,
    stddev_ts: sd,
  };
  return { fields, samplesNs, samplesTs: samples };
}

/**
 * An array of llama-bench's rows, one for each pp and tg. The first row of a result has all of it under `sill`, the others its id: what llama-bench
 * has no field for is kept, and read back. A result without such figures is one row with `n_prompt` and `n_gen` 0.
 */
export function toLlamaBenchJson(results: readonly BenchmarkResult[]): string {
  const rows = results.flatMap((result) =>
    rowsOf(result).map((figure, i) => {
      const { fields, samplesNs, samplesTs } = rowOf(result, figure);
      return {
        ...fields,
        ...(samplesNs ? { samples_ns: samplesNs, samples_ts: samplesTs } : {}),
        sill: i === 0 ? result : { id: result.id },
      };
    }),
  );
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** llama-bench's columns, then ours. Means and deviations only, as there. */
export function toLlamaBenchCsv(results: readonly BenchmarkResult[]): string {
  const rows = results.flatMap((result) =>
    rowsOf(result).map((figure) => {
      const { fields } = rowOf(result, figure);
      const { model, place, label = '' } = result;
      const own = [
        result.id,
        model.id,
        model.revision ?? '',
        model.variant,
        place.device,
        label,
        faultsOf(result).join(' '),
        `${figure.count}`,
      ];
      return [...LLAMA_BENCH_FIELDS.map((field) => written(fields[field])), ...own];
    }),
  );
  return writeCsv([...LLAMA_BENCH_FIELDS, ...OWN_COLUMNS], rows);
}

const rowsOf = ({ figures }: BenchmarkResult): Figure[] => {
  const rows = figures.filter(isRow);
  return rows.length > 0 ? rows : [{ metric: 'pp', size: 0, count: 0, mean: 0, sd: 0 }];
};

/** As C++ prints them. */
const written = (value: string | number | boolean): string => {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(6) : `${value}`;
};
