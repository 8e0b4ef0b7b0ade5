import { describe, expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import { exposition } from '../../core/prometheus.ts';
import type { Generated, Inference, TaskInference } from './inference.ts';
import { measured } from './measured.ts';
import { createMetrics } from './metrics.ts';

const MODEL = parseModelId('tiny');
const RESULT = {
  ...{ text: 'Hi!', tokenIds: [1, 2, 3], finishReason: 'stop', promptTokens: 10, cachedTokens: 4, completionTokens: 3 },
  ...{ ttftMs: 20, prefillMs: 15, decodeMs: 8, seed: 1, requestTtftMs: 120 },
  run: { loadMs: 90 },
} as unknown as Generated;

function setUp(outcome: () => Promise<Generated>) {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const metrics = createMetrics();
  const refuse = () => Promise.reject(new Error('not part of this test'));
  const inference: Inference & TaskInference = {
    async generate(_id, _options, { onPiece }) {
      for (const tokenIds of [[1], [2, 3]]) {
        nowMs += 6;
        await onPiece?.({ text: 'x', tokenIds });
      }
      return outcome();
    },
    ...{ embed: refuse, transcribe: refuse, run: refuse, taskOf: refuse },
  };
  return { inference: measured(inference, metrics, clock), text: () => exposition(metrics.families()) };
}
const options = { input: { kind: 'text', text: 'x' } } as const;
const signal = new AbortController().signal;

describe('what is measured of requests', () => {
  it('is tokens, times in seconds, and the time of each token of a stream', async () => {
    const { inference, text } = setUp(async () => RESULT);
    await inference.generate(MODEL, options, { signal, onPiece: async () => undefined });
    const seen = text();
    for (const line of [
      'sill:prompt_tokens_total{model_name="tiny"} 10',
      'sill:prefix_cache_hits_total{model_name="tiny"} 4',
      'sill:generation_tokens_total{model_name="tiny"} 3',
      'sill:request_success_total{model_name="tiny",finished_reason="stop"} 1',
      'sill:time_to_first_token_seconds_sum{model_name="tiny"} 0.12',
      'sill:request_queue_time_seconds_sum{model_name="tiny"} 0.1',
      'sill:model_load_time_seconds_sum{model_name="tiny"} 0.09',
      'sill:e2e_request_latency_seconds_sum{model_name="tiny"} 0.012',
      // Two tokens came 6 ms after the first.
      'sill:inter_token_latency_seconds_sum{model_name="tiny"} 0.006',
      'sill:inter_token_latency_seconds_count{model_name="tiny"} 2',
    ]) {
      expect(seen.split('\n')).toContain(line);
    }
  });

  it('is the mean time of a token where nobody saw the answer grow', async () => {
    const { inference, text } = setUp(async () => RESULT);
    await inference.generate(MODEL, options, { signal });
    expect(text()).toContain('sill:inter_token_latency_seconds_sum{model_name="tiny"} 0.008\n');
  });

  it('is what failed by its code, and who went away apart from that', async () => {
    for (const [code, line] of [
      ['busy', 'sill:request_failure_total{model_name="tiny",code="busy"} 1'],
      ['aborted', 'sill:request_success_total{model_name="tiny",finished_reason="abort"} 1'],
    ] as const) {
      const { inference, text } = setUp(() => Promise.reject(new SillError(code, 'x')));
      await expect(inference.generate(MODEL, options, { signal })).rejects.toMatchObject({ code });
      expect(text().split('\n')).toContain(line);
    }
  });
});
