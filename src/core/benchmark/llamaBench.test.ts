import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv, writeCsv } from './csv.ts';
import { LLAMA_BENCH_FIELDS, toLlamaBenchCsv, toLlamaBenchJson } from './llamaBench.ts';
import { readResults } from './readLlamaBench.ts';
import { type BenchmarkResult, faultsOf, figureName, figureOf, readResult } from './result.ts';
import { summarise } from './statistics.ts';
import { resultOf } from './testing/results.ts';

const idOf = (words: string) => `named-${words.length}`;
const rows = (json: string): Array<Record<string, unknown>> => JSON.parse(json);

describe('an export', () => {
  it('has the fields of llama-bench, one row for each pp and tg', () => {
    const exported = rows(toLlamaBenchJson([resultOf()]));
    expect(exported.map(({ n_prompt, n_gen, n_depth }) => [n_prompt, n_gen, n_depth])).toEqual([
      [128, 0, 0],
      [0, 32, 64],
    ]);
    for (const row of exported) expect(Object.keys(row)).toEqual([...LLAMA_BENCH_FIELDS, 'samples_ns', 'samples_ts', 'sill']);
    expect(exported[0]).toMatchObject({
      avg_ts: 1000,
      stddev_ts: 100,
      samples_ns: [142_222_222, 128_000_000, 116_363_636],
      test_time: '2026-11-26T12:00:00Z',
    });
  });

  it('as JSON is read back as it was, to the last figure', () => {
    const results = [
      resultOf(),
      resultOf({
        id: 'other',
        number: 2,
        label: 'lab "7", left',
        model: { ...resultOf().model, task: 'feature-extraction' },
        figures: [{ metric: 'embed', size: 16, ...summaryOf([50, 60]) }],
      }),
    ];
    expect(readResults(toLlamaBenchJson(results), idOf)).toEqual(results);
  });

  it('as CSV is read back with means and deviations', () => {
    const [result] = readResults(toLlamaBenchCsv([resultOf({ label: 'one, "two"\nthree' })]), idOf);
    expect(result).toMatchObject({
      id: 'a-result',
      label: 'one, "two"\nthree',
      model: { id: 'tiny', variant: 'int8-wasm' },
      source: 'Sill (CSV)',
    });
    expect(result?.figures).toEqual([
      { metric: 'pp', size: 128, count: 3, mean: 1000, sd: 100 },
      { metric: 'tg', size: 32, depth: 64, count: 3, mean: 100, sd: 2 },
    ]);
  });

  it('of a result that is not comparable is none after it went through a table either, and back again', () => {
    const { place } = resultOf();
    const faulty = [
      resultOf({ id: 'stopped', state: 'stopped' }),
      resultOf({ id: 'hidden', hidden: true, visibilityChanges: 2 }),
      resultOf({ id: 'contended', contended: true }),
      resultOf({ id: 'spread', figures: [{ metric: 'tg', size: 32, count: 3, mean: 100, sd: 20 }] }),
      resultOf({ id: 'lighter', place: { ...place, fallback: 'out_of_memory' } }),
      resultOf({ id: 'emulated', place: { ...place, device: 'webgpu', adapter: 'an adapter', emulated: true } }),
      resultOf({ id: 'several', state: 'failed', hidden: true, contended: true, place: { ...place, fallback: 'worker_lost' } }),
      resultOf({ id: 'none' }),
    ];
    const once = readResults(toLlamaBenchCsv(faulty), idOf);
    const told = (results: readonly BenchmarkResult[]) => results.map((result) => [result.id, faultsOf(result)]);
    expect(told(once)).toEqual(told(faulty));
    expect(told(readResults(toLlamaBenchCsv(once), idOf))).toEqual(told(faulty));
    for (const result of once) expect(readResult(result)).toEqual(result);
  });

  it('with a reason against comparing it that only a later version knows is refused, rather than taken for comparable', () => {
    const later = toLlamaBenchCsv([resultOf({ hidden: true })]).replaceAll('hidden', 'hidden overheated');
    expect(() => readResults(later, idOf)).toThrow(/later version of Sill/);
  });

  it('of any text in its fields is the same table again', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (table) => {
        const width = table[0]?.length ?? 0;
        const even = table.map((row) => Array.from({ length: width }, (_, i) => (row[i] ?? '').replaceAll('\r', '')));
        const header = even[0]?.map((_, i) => `c${i}`) ?? [];
        expect(parseCsv(writeCsv(header, even))).toEqual([header, ...even]);
      }),
    );
  });
});

/** As `llama-bench -o json` writes it: fields of a build of llama.cpp from 2025. */
const FOREIGN = {
  ...{
    build_commit: '1de7be90',
    build_number: 5400,
    cpu_info: 'AMD EPYC',
    gpu_info: '',
    backends: 'CPU',
    model_filename: 'models/stories15M-q8_0.gguf',
  },
  ...{
    model_type: 'llama ?B Q8_0',
    model_size: 25_918_464,
    model_n_params: 24_407_712,
    n_batch: 2048,
    n_ubatch: 512,
    n_threads: 2,
    cpu_mask: '0x0',
  },
  ...{
    cpu_strict: false,
    poll: 50,
    type_k: 'f16',
    type_v: 'f16',
    n_gpu_layers: 99,
    split_mode: 'layer',
    main_gpu: 0,
    no_kv_offload: false,
  },
  ...{
    flash_attn: false,
    devices: 'auto',
    tensor_split: '0.00',
    tensor_buft_overrides: 'none',
    use_mmap: true,
    embeddings: false,
    no_op_offload: 0,
  },
};

describe("llama-bench's own results", () => {
  const pp = {
    ...FOREIGN,
    n_prompt: 128,
    n_gen: 0,
    n_depth: 0,
    test_time: '2025-05-20T10:00:00Z',
    avg_ns: 1,
    stddev_ns: 1,
    avg_ts: 1200.5,
    stddev_ts: 9.25,
    samples_ns: [1, 1],
    samples_ts: [1195, 1206],
  };
  const tg = { ...pp, n_prompt: 0, n_gen: 32, test_time: '2025-05-20T10:00:05Z', avg_ts: 240, stddev_ts: 2, samples_ts: [238, 242] };

  const at = (time: string) => ({ test_time: `2025-05-20T${time}Z` });
  const hashed = (words: string) => createHash('sha256').update(words).digest('hex');
  const ids = (rows: readonly object[], name = hashed) => readResults(JSON.stringify(rows), name).map(({ id }) => id);

  it('of two runs on one day are two results, in one file or two', () => {
    const later = [
      { ...pp, ...at('15:00:00'), samples_ts: [1300, 1310] },
      { ...tg, ...at('15:00:05') },
    ];
    const both = readResults(JSON.stringify([pp, tg, ...later]), hashed);
    expect(both.map(({ figures }) => figures.map(({ metric, mean }) => [metric, mean]))).toEqual([
      [
        ['pp', 1200.5],
        ['tg', 240],
      ],
      [
        ['pp', 1305],
        ['tg', 240],
      ],
    ]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(2);
    // Each has the name that it has by itself: a file that is read again brings nothing twice.
    expect(both.map(({ id }) => id)).toEqual([...ids([pp, tg]), ...ids(later)]);
    // And one that was cut off before its end is replaced by the whole.
    expect(ids([pp])).toEqual(ids([pp, tg]));
  });

  it('of different tests hours apart are not one run', () => {
    expect(ids([pp, { ...tg, ...at('13:00:00') }])).toHaveLength(2);
    expect(ids([pp, { ...tg, ...at('10:20:00') }])).toHaveLength(1);
    // A large model takes its time: one token a second, 128 of them, six times.
    const slow = { ...pp, avg_ts: 0.05, samples_ts: [0.05, 0.05] };
    expect(ids([slow, { ...tg, ...at('13:00:00') }])).toHaveLength(1);
  });

  it('of several settings are a result for each, also where they were stamped with one second', () => {
    const settings = [2, 4].flatMap((n_threads) =>
      [true, false].flatMap((flash_attn) => [
        { ...pp, n_threads, flash_attn },
        { ...tg, n_threads, flash_attn },
      ]),
    );
    expect(new Set(ids(settings)).size).toBe(4);
    expect(new Set(ids([pp, pp, pp], () => 'same')).size).toBe(3);
  });

  it.each([
    ['CPU', 99, 'wasm'],
    ['BLAS', 99, 'wasm'],
    ['CPU,RPC', 99, 'wasm'],
    ['CUDA', 0, 'wasm'],
    ['CUDA', 99, 'webgpu'],
    ['Metal,BLAS', 99, 'webgpu'],
    ['Vulkan', -1, 'webgpu'],
  ])('by the backends %s with %d layers on it are of the device that computed', (backends, n_gpu_layers, device) => {
    const [result] = readResults(JSON.stringify([{ ...pp, backends, n_gpu_layers, gpu_info: 'a card' }]), idOf);
    expect(result?.place).toMatchObject({ device, ...(device === 'webgpu' ? { adapter: 'a card' } : {}) });
  });

  it.each([
    ['json', JSON.stringify([pp, tg], null, 2)],
    ['jsonl', `${JSON.stringify(pp)}\n${JSON.stringify(tg)}\n`],
  ])('are taken as %s, rows of one run together', (_, file) => {
    const results = readResults(file, idOf);
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      model: { id: 'stories15M-q8_0.gguf' },
      source: 'llama-bench 1de7be90',
      place: { device: 'wasm', threads: 2 },
    });
    expect(results[0]?.figures.map(figureName)).toEqual(['pp128', 'tg32']);
    expect(results[0]?.figures[1]).toMatchObject({ mean: 240, samples: [238, 242], count: 2 });
    expect(readResult(results[0])).toEqual(results[0]);
  });

  it('are taken as csv, where it says less', () => {
    const { samples_ns: _ns, samples_ts: _ts, ...fields } = pp;
    const [header, values] = [
      Object.keys(fields),
      Object.values(fields).map((value) => (typeof value === 'boolean' ? (value ? '1' : '0') : `${value}`)),
    ];
    expect(readResults(writeCsv(header, [values]), idOf)[0]?.figures).toEqual([
      { metric: 'pp', size: 128, count: 0, mean: 1200.5, sd: 9.25 },
    ]);
  });
});

describe('a file that holds no results', () => {
  it.each([
    ['', 'foreign', 'neither JSON nor a table'],
    ['[]', 'foreign', 'no result'],
    ['[{"n_prompt": 1', 'damaged', 'cut off or damaged'],
    ['a,b\n1,2\n', 'foreign', 'columns of llama-bench'],
    ['[{"n_prompt": -1}]', 'foreign', 'row 1'],
    ['[null]', 'foreign', 'row 1'],
    ['\u0000\u0001', 'foreign', 'neither JSON'],
  ])('is refused with the reason', (file, fault, why) => {
    expect(() => readResults(file, idOf)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringContaining(why),
        details: expect.objectContaining({ file: 'results', fault }),
      }),
    );
  });

  it('of a later version says so', () => {
    const later = toLlamaBenchJson([resultOf()]).replace('"schema": 1', '"schema": 2');
    expect(() => readResults(later, idOf)).toThrow(/later version of Sill/);
    expect(() => readResults(later, idOf)).toThrow(expect.objectContaining({ details: { file: 'results', fault: 'version' } }));
  });

  it('that was damaged in one place is refused, whole', () => {
    const [whole] = [toLlamaBenchJson([resultOf(), resultOf({ id: 'other' })])];
    expect(() => readResults(whole.replace(/"threads": 2/, '"threads": -2'), idOf)).toThrow(/damaged: .*threads/);
  });

  it('never brings anything but a refusal or results, whatever is in it', () => {
    const whole = toLlamaBenchJson([resultOf()]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, junk) => {
        try {
          for (const result of readResults(whole.slice(0, at) + junk + whole.slice(at + junk.length), idOf))
            expect(readResult(result)).toEqual(result);
        } catch (reason) {
          expect(reason).toMatchObject({ code: 'invalid_request' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a result', () => {
  const faults: ReadonlyArray<[string, Partial<BenchmarkResult>]> = [
    ['unfinished', { state: 'stopped' }],
    ['unfinished', { state: 'interrupted' }],
    ['hidden', { hidden: true }],
    ['contended', { contended: true }],
    ['lighter', { place: { ...resultOf().place, fallback: 'out_of_memory' } }],
    ['emulated', { place: { ...resultOf().place, emulated: true } }],
    ['spread', { figures: [{ metric: 'tg', size: 32, count: 3, mean: 100, sd: 20 }] }],
  ];
  it.each(faults)('is not comparable when it is %s', (fault, change) => {
    expect(faultsOf(resultOf(change))).toEqual([fault]);
  });

  it('is comparable otherwise, also when single gaps and loads waver', () => {
    expect(faultsOf(resultOf())).toEqual([]);
    expect(
      faultsOf(
        resultOf({
          figures: [
            { metric: 'itl', size: 32, count: 90, mean: 10, sd: 9 },
            { metric: 'load-warm', count: 2, mean: 100, sd: 60 },
          ],
        }),
      ),
    ).toEqual([]);
  });

  it('is found by the name of its figures, or by their metric', () => {
    expect(figureOf(resultOf(), 'tg32@d64')?.mean).toBe(100);
    expect(figureOf(resultOf(), 'tg')?.mean).toBe(100);
    expect(figureOf(resultOf(), 'rtf')).toBeUndefined();
  });
});

const summaryOf = (samples: number[]) => ({ ...(summarise(samples) ?? expect.fail()), samples });
