import { counted } from '../core/counted.ts';
import { type DeviceAbilities, GPU_PRECISIONS } from '../core/device.ts';
import { SillError } from '../core/errors.ts';
import { isExcluded } from '../core/selfTest.ts';
import type { Store } from '../ports/store.ts';
import type { Health } from '../protocol/engineReports.ts';
import type { DeviceService } from './device/device.ts';
import { runningModel } from './sessions/memoryReport.ts';
import type { Sessions } from './sessions/sessions.ts';
import { brokenModels } from './upkeep/inspection.ts';

/** Whether the engine can answer, and if not, why. */
export async function healthOf(deps: {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly device: DeviceService;
}): Promise<Health> {
  const device = await deps.device.report();
  const problems: SillError[] = [];
  if (!device.wasm.simd) {
    problems.push(
      new SillError(
        'unsupported_device',
        'This browser has no WebAssembly SIMD, without which no model can run. Use a current version of Chrome, Edge, Firefox or Safari.',
      ),
    );
  }
  for (const { id, missing } of await brokenModels(deps.store)) {
    problems.push(
      new SillError(
        'installation_damaged',
        `Missing on this device: ${counted(missing, 'part')} of ${id}. Repair it: only these are fetched again.`,
        {
          details: { id },
        },
      ),
    );
  }
  for (const entry of await deps.store.models.journal()) {
    if (entry.error) problems.push(new SillError(entry.error.code, `The install of ${entry.modelId} stopped: ${entry.error.message}`));
  }
  const loaded = deps.sessions.states().flatMap((state) => {
    const { id, device, size, expires_at, fallback } = runningModel(state);
    return device ? [{ id, device, size, expires_at, ...(fallback ? { fallback } : {}) }] : [];
  });
  return {
    status: problems.length > 0 ? 'degraded' : loaded.length > 0 ? 'healthy' : 'model_not_loaded',
    loaded,
    gpu: gpuHealth(device),
    problems: problems.map((problem) => problem.toData()),
  };
}

export const gpuHealth = ({ webgpu, checks }: Pick<DeviceAbilities, 'webgpu' | 'checks'>): NonNullable<Health['gpu']> => ({
  available: webgpu.available,
  excluded: GPU_PRECISIONS.flatMap((precision) => {
    const check = checks[precision];
    return check && isExcluded(check) ? [{ precision, verdict: check.verdict }] : [];
  }),
});
