import type { ErrorCode } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { createCounter, createHistogram, type MetricFamily } from '../../core/prometheus.ts';
import type { Task } from '../../core/tasks.ts';
import type { Generated } from './inference.ts';

/** Since this engine started. */
export interface Metrics {
  generated(model: ModelId, result: Generated, times: { readonly e2eMs: number; readonly intervals: readonly Interval[] }): void;
  /** Of a task that writes no text. */
  done(model: ModelId, task: Task, ms: number): void;
  failed(model: ModelId, code: ErrorCode): void;
  /** So many tokens of a conversation were evaluated before anybody asked. */
  readAhead(model: ModelId, tokens: number): void;
  readAheadEnded(model: ModelId, how: 'finished' | 'interrupted'): void;
  families(): MetricFamily[];
}

/** How long the next tokens of an answer took, each. */
export interface Interval {
  readonly tokens: number;
  readonly ms: number;
}

// Bounds are vLLM's (v1/metrics/loggers.py), with finer ones before them: small models answer within milliseconds.
const TTFT_SECONDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
const TOKEN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const REQUEST_SECONDS = [0.01, 0.03, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const TOKENS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

/** Names are vLLM's where it has one, with `sill:` in place of `vllm:`. */
export function createMetrics(): Metrics {
  const seconds = (name: string, help: string, bounds = REQUEST_SECONDS) => createHistogram(`sill:${name}`, help, bounds);
  const promptTokens = createCounter('sill:prompt_tokens_total', 'Tokens of prompts.');
  const generationTokens = createCounter('sill:generation_tokens_total', 'Tokens that were generated.');
  const cacheQueries = createCounter('sill:prefix_cache_queries_total', 'Tokens of prompts that were looked for in the prefix cache.');
  const cacheHits = createCounter('sill:prefix_cache_hits_total', 'Tokens of prompts that came from the prefix cache.');
  const readTokens = createCounter(
    'sill:read_ahead_tokens_total',
    'Tokens of conversations that were evaluated before their next turn came.',
  );
  const readings = createCounter(
    'sill:read_ahead_total',
    'Conversations that were read ahead, by whether a request or a loss interrupted it.',
  );
  const success = createCounter('sill:request_success_total', 'Requests for text that were answered, or left by whoever asked (abort).');
  const failures = createCounter('sill:request_failure_total', 'Requests that were refused or failed, by the code of the error.');
  const loads = createCounter('sill:model_loads_total', 'How often a request had its model loaded.');
  const ttft = seconds('time_to_first_token_seconds', 'From the arrival of a request to its first token.', TTFT_SECONDS);
  const itl = seconds('inter_token_latency_seconds', 'Between two tokens of an answer.', TOKEN_SECONDS);
  const tpot = seconds('request_time_per_output_token_seconds', 'Mean time between the tokens of an answer.', TOKEN_SECONDS);
  const e2e = seconds('e2e_request_latency_seconds', 'From the arrival of a request to its end.');
  const queue = seconds('request_queue_time_seconds', 'Waiting for a turn, loading of the model included.');
  const prefill = seconds('request_prefill_time_seconds', 'Evaluation of the prompt.');
  const decode = seconds('request_decode_time_seconds', 'From the first token to the last.');
  const load = seconds('model_load_time_seconds', 'How long a request waited for its model to load.');
  const task = seconds('task_latency_seconds', 'Requests of other tasks than text, from arrival to end.');
  const promptSize = createHistogram('sill:request_prompt_tokens', 'Tokens of a prompt.', TOKENS);
  const answerSize = createHistogram('sill:request_generation_tokens', 'Tokens of an answer.', TOKENS);

  return {
    generated(model, result, { e2eMs, intervals }) {
      const of = { model_name: model };
      const { promptTokens: prompts, completionTokens: tokens, cachedTokens = 0, others = [] } = result;
      promptTokens.add(of, prompts);
      generationTokens.add(of, tokens);
      cacheQueries.add(of, prompts);
      cacheHits.add(of, cachedTokens);
      for (const { finishReason } of [result, ...others]) success.add({ ...of, finished_reason: finishReason });
      ttft.observe(of, result.requestTtftMs / 1000);
      queue.observe(of, Math.max(0, result.requestTtftMs - result.ttftMs) / 1000);
      prefill.observe(of, result.prefillMs / 1000);
      decode.observe(of, result.decodeMs / 1000);
      e2e.observe(of, e2eMs / 1000);
      promptSize.observe(of, prompts);
      answerSize.observe(of, tokens);
      if (result.run.loadMs !== undefined) {
        loads.add(of);
        load.observe(of, result.run.loadMs / 1000);
      }
      if (tokens > 1) {
        const meanMs = result.decodeMs / (tokens - 1);
        tpot.observe(of, meanMs / 1000);
        // Of an answer that nobody saw grow, no more than the mean is known.
        for (const { tokens: count, ms } of intervals.length > 0 ? intervals : [{ tokens: tokens - 1, ms: meanMs }]) {
          itl.observe(of, ms / 1000, count);
        }
      }
    },
    done: (model, kind, ms) => task.observe({ model_name: model, task: kind }, ms / 1000),
    failed(model, code) {
      if (code === 'aborted') success.add({ model_name: model, finished_reason: 'abort' });
      else failures.add({ model_name: model, code });
    },
    readAhead: (model, tokens) => readTokens.add({ model_name: model }, tokens),
    readAheadEnded: (model, how) => readings.add({ model_name: model, outcome: how }),
    families: () =>
      [
        ...[promptTokens, generationTokens, cacheQueries, cacheHits, readTokens, readings, success, failures, loads],
        ...[ttft, itl, tpot, e2e, queue, prefill, decode, load, task, promptSize, answerSize],
      ].map((metric) => metric.family()),
  };
}
