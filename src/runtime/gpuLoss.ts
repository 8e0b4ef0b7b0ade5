import type { RuntimeBuild } from '../core/builds.ts';
import type { SillError } from '../core/errors.ts';
import { deviceLost } from './failures.ts';
import { loadOrt } from './ort.ts';

/** What a runtime throws at a device that is gone comes a moment before the browser says that it is. */
const GRACE_MS = 200;

/**
 * Watches the device that the runtime of this realm computes on.
 * @returns runs a call such that it fails with `device_lost` once the device is gone, whatever the runtime makes of that: some calls then
 *   never end, others end as if they had been cancelled
 */
export async function watchGpu(build: RuntimeBuild, threads: number): Promise<<T>(call: () => Promise<T>) => Promise<T>> {
  const ort = await loadOrt(build, threads);
  const device = await ort.env.webgpu.device;
  const lost: Promise<SillError> = device.lost.then(({ message }) => deviceLost(message));
  return async (call) => {
    try {
      return await Promise.race([call(), lost.then((reason) => Promise.reject(reason))]);
    } catch (reason) {
      const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), GRACE_MS));
      throw (await Promise.race([lost, late])) ?? reason;
    }
  };
}
