import { toSillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { Task } from '../../core/tasks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GeneratedPiece } from '../../ports/generation.ts';
import type { Inference, TaskInference } from './inference.ts';
import type { Interval, Metrics } from './metrics.ts';

/** The same, with every request counted and timed, whichever door it came through. */
export function measured(inference: Inference & TaskInference, metrics: Metrics, clock: Clock): Inference & TaskInference {
  const counted = async <T>(id: ModelId, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (reason) {
      metrics.failed(id, toSillError(reason).code);
      throw reason;
    }
  };
  const timed = async <T>(id: ModelId, task: Task, work: () => Promise<T>): Promise<T> => {
    const startMs = clock.monotonicMs();
    const result = await counted(id, work);
    metrics.done(id, task, clock.monotonicMs() - startMs);
    return result;
  };

  return {
    generate: (id, options, { onPiece, ...call }) =>
      counted(id, async () => {
        const startMs = clock.monotonicMs();
        const intervals: Interval[] = [];
        const lastMs = new Map<number, number>();
        const watching = async (piece: GeneratedPiece): Promise<void> => {
          const { index = 0, tokenIds } = piece;
          const nowMs = clock.monotonicMs();
          const before = lastMs.get(index);
          lastMs.set(index, nowMs);
          // Several travel together; the first of an answer has no time before it.
          if (before !== undefined && tokenIds.length > 0)
            intervals.push({ tokens: tokenIds.length, ms: (nowMs - before) / tokenIds.length });
          await onPiece?.(piece);
        };
        const result = await inference.generate(id, options, { ...call, ...(onPiece ? { onPiece: watching } : {}) });
        metrics.generated(id, result, { e2eMs: clock.monotonicMs() - startMs, intervals });
        return result;
      }),
    embed: (id, texts, call) => timed(id, 'feature-extraction', () => inference.embed(id, texts, call)),
    transcribe: (id, request, call) => timed(id, 'automatic-speech-recognition', () => inference.transcribe(id, request, call)),
    run: (id, request, call) => timed(id, request.task, () => inference.run(id, request, call)),
    taskOf: (id) => inference.taskOf(id),
  };
}
