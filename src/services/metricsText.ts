import { exposition, type MetricFamily, type Sample } from '../core/prometheus.ts';
import type { Engine } from './engine.ts';
import { gpuHealth } from './health.ts';
import { memoryReport } from './sessions/memoryReport.ts';

const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
  name: `sill:${name}`,
  help,
  type: 'gauge',
  samples,
});

/** What was counted, and how it stands now, as Prometheus takes it. */
export async function metricsText(engine: Pick<Engine, 'metrics' | 'memory' | 'sessions' | 'deps'>): Promise<string> {
  const { metrics, deps } = engine;
  const { models, budgetBytes, usedBytes } = await memoryReport(engine);
  const { available, excluded } = gpuHealth(await deps.device.abilities());
  const each = (value: (model: (typeof models)[number]) => number): Sample[] =>
    models.map((model) => ({ labels: { model_name: model.id }, value: value(model) }));
  return exposition([
    gauge('build_info', 'Versions; always 1.', [
      { labels: { version: deps.versions.sill, onnxruntime: deps.versions.onnxruntime }, value: 1 },
    ]),
    gauge(
      'num_requests_running',
      'Requests under way.',
      each(({ under_way }) => under_way),
    ),
    gauge(
      'num_requests_waiting',
      'Requests that wait for their turn.',
      each(({ waiting }) => waiting),
    ),
    gauge('memory_budget_bytes', 'What all models together may take.', [{ labels: {}, value: budgetBytes }]),
    gauge('memory_used_bytes', 'What all models together take.', [{ labels: {}, value: usedBytes }]),
    gauge(
      'model_memory_bytes',
      'What a model takes: its heap, its buffers on the graphics processor, its prefix cache.',
      each(({ size }) => size),
    ),
    gauge(
      'model_memory_gpu_bytes',
      'Of this, on the graphics processor.',
      each(({ size_vram }) => size_vram),
    ),
    gauge(
      'prefix_cache_bytes',
      'Of this, keys and values of beginnings that are kept.',
      each(({ size_prefix_cache }) => size_prefix_cache),
    ),
    gauge(
      'model_state',
      'Always 1, with the state of each model that is in memory or wanted: waiting, loading, loaded.',
      models.map(({ id, state, device }) => ({ labels: { model_name: id, state, ...(device ? { device } : {}) }, value: 1 })),
    ),
    gauge(
      'model_fallback',
      'Always 1, of each model in memory that does not run as it was meant to, with the reason.',
      models.flatMap(({ id, fallback }) => (fallback ? [{ labels: { model_name: id, reason: fallback.reason }, value: 1 }] : [])),
    ),
    gauge('gpu_available', 'Whether the browser offers a graphics processor now: 1 or 0.', [{ labels: {}, value: available ? 1 : 0 }]),
    gauge(
      'gpu_excluded',
      'Always 1, of each precision in which the graphics processor did not pass its self-test, with the verdict: wrong, failed, late.',
      excluded.map(({ precision, verdict }) => ({ labels: { precision, verdict }, value: 1 })),
    ),
    ...metrics.families(),
  ]);
}
