import { SillError } from '../../core/errors.ts';
import type { LoadedModel, Runtime } from '../../ports/runtime.ts';
import { refusingModel } from './refusingModel.ts';

const MIB = 2 ** 20;

/** A runtime whose models take as much memory as a test says, and compute nothing. */
export class ScriptedModels implements Runtime {
  /** Names, in the order in which loading began. */
  readonly loads: string[] = [];
  /** What is in memory. */
  readonly live = new Set<string>();
  /** In MiB, of a model that is loaded; without it the worker does not tell. */
  readonly takes = new Map<string, number>();
  /** More than this together, in MiB, is not there. */
  capacity = Number.POSITIVE_INFINITY;
  /** Loading waits for it. */
  gate: Promise<void> = Promise.resolve();

  prepare(): void {}

  async load({ modelId: name, build, device, threads }: Parameters<Runtime['load']>[0], { signal }: { signal?: AbortSignal }) {
    this.loads.push(name);
    await Promise.race([this.gate, new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))]);
    const held = [...this.live, name].reduce((sum, each) => sum + (this.takes.get(each) ?? 0), 0);
    if (held > this.capacity) throw new SillError('out_of_memory', 'There was not enough memory.');
    this.live.add(name);
    return this.modelOf(name, { loadMs: 1, build, device, threads });
  }

  private modelOf(name: string, report: LoadedModel['report']): LoadedModel {
    return {
      ...refusingModel(report),
      memory: async () => {
        const totalBytes = (this.takes.get(name) ?? 0) * MIB;
        if (totalBytes === 0) throw new SillError('worker_lost', 'The worker is gone.');
        return { heapBytes: totalBytes, gpuBytes: 0, prefixBytes: 0, totalBytes };
      },
      unload: () => this.live.delete(name),
    };
  }
}
