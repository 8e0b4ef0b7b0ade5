import type { Fallback } from '../core/forms.ts';
import type { ModelId } from '../core/ids.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import type { BudgetReason } from '../core/memoryBudget.ts';
import type { MemorySettings, MemorySettingsData } from '../core/memorySettings.ts';

export type { BudgetReason, MemorySettings, MemorySettingsData };

/** A model in memory, on its way there, or for which requests wait. Names are Ollama's where it has one (`GET /api/ps`). */
export interface RunningModel {
  readonly id: ModelId;
  /** `waiting`: for room in memory. */
  readonly state: 'waiting' | 'loading' | 'loaded';
  readonly device?: ExecutionDevice;
  /** Why it does not run as it was meant to, where it does not. */
  readonly fallback?: Fallback;
  /** In bytes, all of it: the heap of its worker, its buffers on the graphics processor, and the beginnings of prompts that are kept. */
  readonly size: number;
  /** Of this, on the graphics processor. */
  readonly size_vram: number;
  /** Of this, beginnings of prompts. */
  readonly size_prefix_cache: number;
  /** False where `size` is what is expected. */
  readonly measured: boolean;
  /** When it is unloaded if nobody asks for it again, in ISO 8601; null for never, and until it is loaded. */
  readonly expires_at: string | null;
  /** Requests that are being answered, or for which it is being loaded. */
  readonly under_way: number;
  /** Requests that wait for those. */
  readonly waiting: number;
}

export interface MemoryReport {
  /** What all models together may take. */
  readonly budgetBytes: number;
  /** `device`: a share of what the browser tells of the device; `out-of-memory`: it ran out of late. */
  readonly budgetReason: BudgetReason;
  readonly usedBytes: number;
  readonly models: readonly RunningModel[];
}
