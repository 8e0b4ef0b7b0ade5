import type { Place } from '../../core/benchmark/result.ts';
import type { Variant } from '../../core/manifest.ts';
import type { DeviceService } from '../device/device.ts';
import type { Session } from './session.ts';

/** A loaded model, as far as it tells where it runs. */
export type RanOn = Pick<Session, 'fallback'> & { readonly report: Session['model']['report'] };

/** Where it ran; before it is loaded, where it is meant to. */
export async function placeOf(device: Pick<DeviceService, 'report'>, variant: Variant, session: RanOn | undefined): Promise<Place> {
  const { crossOriginIsolated: isolated, logicalCores, memoryBytes, userAgent, webgpu } = await device.report();
  const ranOn = session?.report.device ?? variant.device;
  const gpu = ranOn === 'webgpu' && webgpu.available ? webgpu : undefined;
  return {
    ...{ device: ranOn, threads: session?.report.threads ?? 0, isolated, logicalCores, userAgent: userAgent.slice(0, 1000) },
    ...(session ? { build: session.report.build } : {}),
    ...(gpu
      ? { adapter: [gpu.vendor, gpu.architecture, gpu.description].filter(Boolean).join(' ') || 'unnamed', emulated: gpu.fallback }
      : {}),
    ...(memoryBytes === undefined ? {} : { memoryBytes: Math.round(memoryBytes) }),
    // What somebody chose is no fault of the moment.
    ...(session?.fallback && session.fallback.reason !== 'wished' ? { fallback: session.fallback.reason } : {}),
  };
}
