import type { MemoryReport, RunningModel } from '../../protocol/memoryReports.ts';
import type { Memory } from './memory.ts';
import type { ModelState, Sessions } from './sessions.ts';

/** The budget, and what takes how much of it. */
export async function memoryReport({ memory, sessions }: { readonly memory: Memory; readonly sessions: Sessions }): Promise<MemoryReport> {
  const { bytes, reason } = await memory.budget();
  const models = sessions.states().map(runningModel);
  // For whoever looks next: a worker answers between two steps, which may take seconds.
  sessions.measure();
  return { budgetBytes: bytes, budgetReason: reason, usedBytes: models.reduce((sum, { size }) => sum + size, 0), models };
}

export function runningModel({ id, phase = 'waiting', session, use, bytes = 0, expiresAtMs, underWay, waiting }: ModelState): RunningModel {
  return {
    id,
    state: phase,
    ...(session ? { device: session.model.report.device } : {}),
    ...(session?.fallback ? { fallback: session.fallback } : {}),
    // One that waits for room takes none yet.
    size: phase === 'waiting' ? 0 : bytes,
    size_vram: use?.gpuBytes ?? 0,
    size_prefix_cache: use?.prefixBytes ?? 0,
    measured: use !== undefined,
    expires_at: expiresAtMs === undefined ? null : expiryText(expiresAtMs),
    under_way: underWay,
    waiting,
  };
}

/** A date holds no more than this. */
const LAST_DATE_MS = 8.64e15;

const expiryText = (atMs: number): string | null => (atMs > LAST_DATE_MS ? null : new Date(atMs).toISOString());
