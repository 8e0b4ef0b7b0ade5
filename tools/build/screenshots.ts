import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import type { ManifestOptions } from 'vite-plugin-pwa';

type Screenshot = NonNullable<ManifestOptions['screenshots']>[number];

/** Limits of Chromium's install dialog, which ignores all screenshots if one is outside. */
const MIN_PIXELS = 320;
const MAX_PIXELS = 3840;
const MAX_RATIO = 2.3;
const MAX_COUNT = 8;

/**
 * The documentation's pictures for the browser's install dialog: manifest entries, and the plugin that puts the files beside the app.
 *
 * @param folder holds PNG files named `<view>-<scheme>.png` and the like; may be absent.
 */
export function screenshots(folder: string): { entries: Screenshot[]; files: Plugin } {
  const pictures = (existsSync(folder) ? readdirSync(folder).sort() : [])
    .filter((file) => /-light.*\.png$/.test(file))
    .map((file) => {
      const source = readFileSync(join(folder, file));
      // The IHDR chunk comes first in every PNG (RFC 2083, 4.1.1).
      return { file, source, width: source.readUInt32BE(16), height: source.readUInt32BE(20) };
    })
    .filter(({ width, height }) => {
      const [short, long] = [Math.min(width, height), Math.max(width, height)];
      return short >= MIN_PIXELS && long <= MAX_PIXELS && long <= MAX_RATIO * short;
    })
    .slice(0, MAX_COUNT);
  return {
    entries: pictures.map(({ file, width, height }) => ({
      src: `screenshots/${file}`,
      sizes: `${width}x${height}`,
      type: 'image/png',
      form_factor: width > height ? 'wide' : 'narrow',
    })),
    files: {
      name: 'sill:screenshots',
      apply: 'build',
      generateBundle() {
        for (const { file, source } of pictures) this.emitFile({ type: 'asset', fileName: `screenshots/${file}`, source });
      },
    },
  };
}
