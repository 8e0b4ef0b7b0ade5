import * as v from 'valibot';
import type {} from '../../src/protocol/sill.ts';
import type { Page } from './browser.ts';

/** Headless Chromium leaves the GPU alone unless it is told not to; without one it emulates it, which is not worth measuring. */
export const GPU_FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
];

/**
 * A browser has no adapter in its first second. In a page of Sill's this ends when Sill knows it too, which looks again by itself.
 * @throws Error where there is none after twenty, or only an emulated one
 */
export async function waitForGpu(page: Page): Promise<void> {
  const isReal = await page.run(v.boolean(), async () => {
    const untilMs = performance.now() + 20_000;
    for (;;) {
      const adapter = await navigator.gpu.requestAdapter();
      const isKnown = !globalThis.sill || (await globalThis.sill.device()).webgpu.available;
      if (adapter && isKnown) return !adapter.info.isFallbackAdapter;
      if (performance.now() > untilMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  if (!isReal) throw new Error('There is no GPU here that is not emulated.');
}
