import { expect, test } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import { BundlePublisher, type Entries, everythingOn, repacked, TINY } from '../testing/bundleFixture.ts';

const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 500);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
/** Nothing here takes long: what does not end has hung. */
const HANG_MS = 30_000;
const EXPECTED = ['invalid_bundle', 'untrusted_bundle', 'invalid_manifest'];

type Random = () => number;
const below = (random: Random, end: number): number => Math.floor(random() * end);

/** As a bad disk, a bad copy or a bad person would leave it. */
async function mutated(bundle: Blob, random: Random): Promise<Blob> {
  const bytes = new Uint8Array(await bundle.arrayBuffer());
  const at = below(random, bytes.length);
  const kind = below(random, 8);
  if (kind === 0) return new Blob([bytes.slice(0, at)]);
  if (kind === 1) return new Blob([bytes.slice(0, at), bytes.slice(at + 1 + below(random, 2000))]);
  if (kind === 2) return new Blob([bytes.slice(0, at), bytes.slice(below(random, bytes.length))]);
  if (kind === 3) return new Blob([bytes.slice(0, at), new Uint8Array(below(random, 4096)), bytes.slice(at)]);
  if (kind === 4) {
    // In a header, where a byte means more.
    const header = 512 * below(random, bytes.length / 512) + below(random, 512);
    bytes[header] = below(random, 256);
    return new Blob([bytes]);
  }
  if (kind === 5) {
    for (let i = 0; i < 20; i++) bytes[below(random, bytes.length)] = below(random, 256);
    return new Blob([bytes]);
  }
  return repacked(bundle, (entries) => shuffled(entries, random));
}

/** A valid archive of the wrong things: names, sizes, kinds, order, content. */
function shuffled(entries: Entries, random: Random): Entries {
  const copy = entries.map((entry) => ({ ...entry, header: { ...entry.header } }));
  const index = below(random, copy.length);
  const entry = copy[index];
  if (!entry) return copy;
  const kind = below(random, 7);
  if (kind === 0) copy.splice(index, 1);
  else if (kind === 1) copy.splice(below(random, copy.length), 0, entry);
  else if (kind === 2) copy.push(...copy.splice(index, 1));
  else if (kind === 3) entry.header.name = ['../x', '/x', 'blobs/sha256/', 'a'.repeat(300), 'ü', 'con', '.'][below(random, 7)] ?? '';
  else if (kind === 4)
    Object.assign(entry, { header: { ...entry.header, type: 'symlink', linkname: '../../x', size: 0 }, body: undefined });
  else if (entry.body instanceof Uint8Array) {
    const body = entry.body.slice();
    if (kind === 5) body[below(random, body.length)] = below(random, 256);
    const next = kind === 6 ? body.slice(0, below(random, body.length)) : body;
    Object.assign(entry, { header: { ...entry.header, size: next.length }, body: next });
  }
  return copy;
}

test(`${RUNS} mutated bundles neither hang nor crash, and change nothing`, { timeout: 60_000 + 100 * RUNS }, async () => {
  const publisher = await BundlePublisher.start();
  await publisher.publish(TINY, 'first weights');
  const first = await publisher.bundle([TINY]);
  await publisher.publish(TINY, 'second weights');
  const [second = new Blob()] = await publisher.bundle([TINY]);
  const random = createRandom(SEED);
  let refused = 0;
  let device = publisher.device();
  let before = await everythingOn(device);
  for (let run = 0; run < RUNS; run++) {
    const label = `seed ${SEED}, run ${run}`;
    const file = await mutated(second, random);
    const timer = new Promise((_, reject) => setTimeout(() => reject(new Error(`${label} hangs`)), HANG_MS).unref());
    const outcome: unknown = await Promise.race([device.import([file]), timer]).catch((reason: unknown) => reason);
    if (outcome instanceof Error) {
      expect(outcome, label).toBeInstanceOf(SillError);
      if (outcome instanceof SillError) expect(EXPECTED, `${label}: ${outcome.message}`).toContain(outcome.code);
      expect(await everythingOn(device), label).toEqual(before);
      refused += 1;
    } else {
      // A mutation may leave the meaning as it was, as one after the end of the archive: then what came in is what was signed.
      expect(outcome, label).toMatchObject({ outcomes: [{ result: expect.stringMatching(/^(installed|activated)$/) }] });
    }
    // Half of the devices run the revision before.
    if (!(outcome instanceof Error) || run % 50 === 0) {
      device = publisher.device();
      if (random() < 0.5) await device.import(first);
      before = await everythingOn(device);
    }
  }
  // A mutation that nothing notices would make this a test of nothing.
  expect(refused).toBeGreaterThan(RUNS * 0.8);
});
