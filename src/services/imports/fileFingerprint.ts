import { hexOf } from '../../core/ids.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { ModelFiles } from '../../ports/forge.ts';

const SAMPLES = 16;
const SAMPLE_BYTES = 64 * 1024;

/** Knows a file again without reading all of it: sizes, both ends and samples between. Parts count in any order. */
export async function fingerprintOf(files: ModelFiles, digests: Digests): Promise<string> {
  const prints: string[] = [];
  for (const file of files) {
    const last = Math.max(0, file.size - SAMPLE_BYTES);
    const samples = Array.from({ length: SAMPLES }, (_, i) => Math.floor((last * i) / (SAMPLES - 1)));
    const pieces = samples.map((offset) => file.slice(offset, offset + SAMPLE_BYTES));
    const sampled = await new Blob([`${file.size} `, ...pieces]).arrayBuffer();
    prints.push(await digests.sha256(sampled));
  }
  return hexOf(await digests.sha256(new TextEncoder().encode(prints.sort().join('\n'))));
}
