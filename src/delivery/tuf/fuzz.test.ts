import { expect, test } from 'vitest';
import { tempFolder } from '../../../tools/models/testing/tempFolder.ts';
import { nodeCrypto } from '../../../tools/publisher/testing/nodeCrypto.ts';
import { Site } from '../../../tools/publisher/testing/site.ts';
import { SillError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import { hostileText, mutated, mutatedText } from '../../core/testing/mutations.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';

const folder = tempFolder(300_000);
const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 1000);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
/** With keys that were stolen, anything that is signed may come: it is read, judged and answered by a code. */
const SIGNED_SHARE = 4;

test(`${RUNS} mutated metadata files do not crash, and change nothing unless they are signed`, {
  timeout: 60_000 + 20 * RUNS,
}, async () => {
  const site = await Site.make(folder());
  await site.publish('first');
  await site.publish('second');
  const honest = memoryTrust();
  await site.client(honest).catalog();
  const stored = await honest.read();
  const quick = nodeCrypto();
  const random = createRandom(SEED);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const files = ['metadata/timestamp.json', 'metadata/3.snapshot.json', 'metadata/3.targets.json', 'metadata/2.root.json'];
  const texts = new Map(files.map((file) => [file, site.text(file === 'metadata/2.root.json' ? 'metadata/1.root.json' : file)]));
  const served = new Map(site.served);
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    site.served.clear();
    for (const [path, bytes] of served) site.served.set(path, bytes);
    const trust = memoryTrust();
    // Half of the devices meet the catalog for the first time: those read all four files.
    if (random() < 0.5 && stored) await trust.commit(stored, undefined);
    const before = await trust.read();
    const isSigned = run % SIGNED_SHARE === 0;
    const file = pick(files) ?? '';
    if (isSigned) {
      const edit = (signed: object) => Object.assign(signed, mutated(signed, random));
      await site.forge({ [pick(['targets', 'snapshot', 'timestamp']) ?? '']: edit });
    } else site.replace(file, (random() < 0.5 ? mutatedText : hostileText)(texts.get(file) ?? '', random));
    const label = `seed ${SEED}, run ${run}, ${isSigned ? 'signed' : file}`;
    try {
      const { refreshError } = await site.client(trust, quick).catalog();
      expect(refreshError?.code, label).not.toBe('internal');
      if (refreshError) refused++;
    } catch (reason) {
      expect(reason, label).toBeInstanceOf(SillError);
      refused++;
    }
    const after = await trust.read();
    if (isSigned) continue;
    // A mutation may leave the meaning as it was, such as a blank more: then what is stored is what the publisher signed.
    const versions = after?.versions ?? stored?.versions;
    expect({ ...versions, root: 1 }, label).toEqual(stored?.versions);
    if (before) expect(after, label).toEqual({ ...before, checkedAtMs: after?.checkedAtMs });
  }
  // A mutation that nothing notices would make this a test of nothing.
  expect(refused).toBeGreaterThan(RUNS / 4);
});
