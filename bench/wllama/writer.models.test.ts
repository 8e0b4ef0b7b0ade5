import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SPACE_MARK } from '../../src/forge/tokenizerFiles.ts';
import { golden } from '../../tools/models/testing/golden.ts';
import { storiesPieces, writeStoriesGguf } from '../../tools/models/testing/storiesGguf.ts';
import { Browser, type Page } from '../measure/browser.ts';
import { wllamaPeer } from '../peers/wllama.ts';
import { serveStock } from '../stock/server.ts';
import { buildWllama } from './build.ts';

/** The widest lead, in logits, of a golden choice that may be answered otherwise. Seen: none, 0.17 and 0.79. */
const FILES = [
  { type: 'F16', margin: 0 },
  { type: 'Q8_0', margin: 0.3 },
  { type: 'Q4_0', margin: 1 },
] as const;
/** All of them in `npm run test:soak`. */
const CASES = process.env.SILL_SOAK ? golden.cases : golden.cases.slice(0, 1);

/** llama.cpp's threads wait for each other by turning in circles: one is faster than two where other tests use the cores. */
const SETUP = { threads: 1, context: 256 };

let folder = '';
let server: ReturnType<typeof serveStock> | undefined;
let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sill-wllama-'));
  await buildWllama(join(folder, 'page'));
  server = serveStock(join(folder, 'page'));
  browser = Browser.launch(join(folder, 'profile'));
  page = await browser.open(await server.listen());
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const written = (piece: string): string =>
  piece
    .replaceAll(SPACE_MARK, ' ')
    .replace(/^<0x(?<byte>[0-9A-F]{2})>$/, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));

/** Place of the first golden token that a text does not go on with; nothing where it has them all. */
function partsAt(greedyIds: readonly number[], text: string): number | undefined {
  const pieces = storiesPieces();
  let expected = '';
  const at = greedyIds.findIndex((id) => {
    expected += written(pieces[id]?.text ?? '');
    return !text.startsWith(expected.slice(0, text.length)) || expected.length > text.length;
  });
  return at < 0 ? undefined : at;
}

describe.each(FILES)('a GGUF file in $type that Sill wrote', ({ type, margin }) => {
  const peer = wllamaPeer('', { ...SETUP, model: `models/${type}.gguf` });

  beforeAll(async () => {
    writeStoriesGguf(join(folder, 'page/models', `${type}.gguf`), type);
    await peer.settle(page);
    await peer.load(page, 'first');
  });

  test.each(CASES)(
    'is continued by llama.cpp after $prompt as by the weights that it was made of, but where two choices were close',
    async ({ prompt, greedy_ids, top1_margin }) => {
      const { text, tokens } = await peer.generate(page, prompt, greedy_ids.length);
      expect(tokens).toBe(greedy_ids.length);
      const at = partsAt(greedy_ids, text);
      expect(at === undefined ? 0 : top1_margin[at]).toBeLessThanOrEqual(margin);
    },
  );
});
