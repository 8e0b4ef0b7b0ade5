/** Draws the icons of the web manifest from one SVG: `tsx tools/icons.ts`. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { generateAssets } from '@vite-pwa/assets-generator/api/generate-assets';
import { instructions } from '@vite-pwa/assets-generator/api/instructions';

const source = resolve(import.meta.dirname, 'icons/icon.svg');
const folder = resolve(import.meta.dirname, '../public/icons');
const resizeOptions = { fit: 'contain', background: '#f7f5f2' } as const;
const PREFIXES = { transparent: 'icon', maskable: 'maskable', apple: 'apple-touch-icon' } as const;

mkdirSync(folder, { recursive: true });
copyFileSync(source, resolve(folder, 'icon.svg'));
await generateAssets(
  await instructions({
    imageResolver: () => readFileSync(source),
    imageName: source,
    preset: {
      transparent: { sizes: [192, 512], padding: 0 },
      // A maskable icon may lose everything outside of the middle four fifths.
      maskable: { sizes: [512], padding: 0.1, resizeOptions },
      apple: { sizes: [180], padding: 0, resizeOptions },
      assetName: (type, { width }) => `${PREFIXES[type]}-${width}.png`,
    },
    htmlLinks: { xhtml: false, includeId: false },
    basePath: './',
    resolveSvgName: () => 'icon.svg',
  }),
  true,
  folder,
);
