import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Of a sheet, so that all of them load at once on a slow line. */
const MOST_BYTES = 200_000;
const QUALITIES = [80, 70, 60, 50, 42, 35, 28, 22, 16];
const GAP = 24;
const CAPTION = 34;

export interface Sheet {
  readonly name: string;
  readonly columns: number;
  /** Of each picture on it, in pixels. */
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly pictures: ReadonlyArray<{ readonly caption: string; readonly file: string }>;
}

const GROUND = { light: '#dcd8d0', dark: '#0d0e10' } as const;
const INK = { light: '#1f1e1b', dark: '#e9e7e3' } as const;

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * Lays pictures of one size out beside each other, each under its name, as one WebP of at most 200 kB.
 *
 * @param from where the pictures lie, as PNG @param to where `<name>.webp` goes
 * @throws where a sheet does not fit into its size
 */
export async function writeContactSheet(from: string, to: string, { name, columns, width, scheme, pictures }: Sheet): Promise<void> {
  const tiles = await Promise.all(
    pictures.map(async ({ caption, file }) => {
      const { data, info } = await sharp(join(from, `${file}.png`))
        .resize({ width })
        .png()
        .toBuffer({ resolveWithObject: true });
      return { caption, data, height: info.height };
    }),
  );
  const height = Math.max(...tiles.map((tile) => tile.height));
  const rows = Math.ceil(tiles.length / columns);
  const size = { width: GAP + columns * (width + GAP), height: GAP + rows * (CAPTION + height + GAP) };
  const placed = tiles.map((tile, i) => ({
    ...tile,
    left: GAP + (i % columns) * (width + GAP),
    top: GAP + Math.floor(i / columns) * (CAPTION + height + GAP),
  }));
  const captions = placed.map(
    ({ caption, left, top }) => `<text x="${left}" y="${top + CAPTION - 12}" fill="${INK[scheme]}">${escaped(caption)}</text>`,
  );
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="20" font-weight="600">${captions.join('')}</svg>`;
  const sheet = await sharp({ create: { ...size, channels: 3, background: GROUND[scheme] } })
    .composite([
      ...placed.map(({ data, left, top }) => ({ input: data, left, top: top + CAPTION })),
      { input: Buffer.from(words), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
  for (const quality of QUALITIES) {
    const webp = await sharp(sheet).webp({ quality, effort: 6, smartSubsample: true }).toBuffer();
    if (webp.length > MOST_BYTES) continue;
    await writeFile(join(to, `${name}.webp`), webp);
    return;
  }
  throw new Error(`${name}.webp does not fit into ${MOST_BYTES} bytes: make its pictures smaller.`);
}
