import type { DeviceReport } from '../core/device.ts';
import type { DeviceProbe, StorageManagerPort } from '../ports/browser.ts';

export interface DeviceService {
  /** The probe runs once; storage figures are read anew each time. `refresh` probes again. */
  report(refresh?: boolean): Promise<DeviceReport>;
}

export function createDeviceService(probe: DeviceProbe, storage: StorageManagerPort): DeviceService {
  let probed: ReturnType<DeviceProbe> | undefined;
  return {
    async report(refresh = false) {
      if (refresh || !probed) probed = probe();
      const [base, estimate, persisted] = await Promise.all([
        probed,
        storage.estimate().then(
          (figures) => ({ available: true, ...figures }),
          // Private windows of some browsers refuse: the report says so instead of failing.
          () => ({ available: false }),
        ),
        storage.persisted().catch(() => false),
      ]);
      return { ...base, storage: { ...estimate, persisted } };
    },
  };
}
