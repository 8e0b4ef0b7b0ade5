import { PublisherError } from './publisherError.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};
/** The largest file of FAT32. */
const FAT32_BYTES = 2 ** 32 - 1;

/** `700MB`, `4GiB`, `123456`. 4GiB is taken as FAT32's limit, which is one byte less. @throws PublisherError `usage` */
export function parseByteSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  const bytes = Math.floor(Number(number) * (factor ?? 0));
  if (number === '' || factor === undefined || bytes < 1) {
    throw new PublisherError(
      'usage',
      `"${text}" is no size. Write for example 4GiB, 700MB or 1000000 (${Object.keys(UNITS).filter(Boolean).join(', ')}).`,
    );
  }
  return bytes === FAT32_BYTES + 1 ? FAT32_BYTES : bytes;
}
