import { parseModelId } from '../../core/ids.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { chunksOf, variantOf } from '../../core/manifest.ts';
import { heldRevisions } from '../../core/slots.ts';
import type { Store } from '../../ports/store.ts';
import { A, B, entryOf, manifestWith, REVISION_2 } from './samples.ts';
import { codeOf, type Runner } from './suite.ts';

const FIRST = entryOf();
const OTHER: JournalEntry = { ...entryOf(REVISION_2), modelId: parseModelId('other') };
const MANIFEST = manifestWith(B);

type Step = (store: Store) => Promise<unknown>;

/** An install as the services do it, step by step. */
const installing = (entry: JournalEntry): Step[] => [
  (store) => store.models.beginInstall(entry, MANIFEST),
  (store) => store.chunks.put(A, new Blob(['a'])),
  (store) => store.chunks.put(B, new Blob(['bb'])),
  (store) => store.models.commitInstall(entry, 10),
  (store) => store.models.collectGarbage(),
];

/** What every form of the store promises to tabs that work at the same time. `openTabs` gives two views of the same empty store. */
export function raceContract(runner: Runner, openTabs: () => Promise<readonly [Store, Store]>): void {
  const { equal } = runner;
  const test = (name: string, body: (one: Store, two: Store) => Promise<void>, rounds: number) =>
    runner.test(name, async () => {
      for (let round = 0; round < rounds; round++) {
        const [one, two] = await openTabs();
        try {
          at = round;
          await body(one, two);
        } finally {
          one.close();
          two.close();
        }
      }
    });
  /** Which step of the one tab the other comes in beside. */
  let at = 0;

  /** Whatever is installed is whole. */
  const expectWhole = async (store: Store) => {
    for (const held of (await store.models.allSlots()).flatMap(heldRevisions)) {
      const manifest = await store.models.manifest(held.revision);
      equal(manifest === undefined, false);
      if (manifest)
        equal(await store.chunks.missing(chunksOf(manifest, variantOf(manifest, held.variant)).map(({ digest }) => digest)), []);
    }
  };
  /** Runs the steps in the one tab, and at one of them, at the same moment, the work of the other. */
  const beside = async (one: Store, steps: readonly Step[], other: () => Promise<unknown>): Promise<string[]> => {
    const ends: string[] = [];
    for (const [index, step] of steps.entries()) {
      const meanwhile = index === at ? other() : undefined;
      ends.push(await codeOf(step(one)));
      await meanwhile;
    }
    return ends;
  };
  const steps = installing(FIRST);

  test(
    'garbage collection in another tab takes nothing of an install, at whatever step it comes',
    async (one, two) => {
      const ends = await beside(one, steps, () => two.models.collectGarbage());
      equal(
        ends.every((end) => end === 'resolved'),
        true,
      );
      equal((await two.models.slots(FIRST.modelId))?.active?.revision, FIRST.revision);
      await expectWhole(two);
    },
    steps.length,
  );

  test(
    'a model that is removed in another tab while it is installed is here whole or not at all, and can be installed again',
    async (one, two) => {
      await beside(one, steps, async () => {
        await two.models.remove(FIRST.modelId, 5);
        await two.models.collectGarbage();
      });
      await expectWhole(two);
      const isHere = (await two.models.slots(FIRST.modelId))?.active !== undefined;
      await one.models.collectGarbage();
      if (!isHere) equal(await two.models.journal(), []);
      for (const step of installing(FIRST)) await step(two);
      await expectWhole(one);
      equal((await one.models.slots(FIRST.modelId))?.active?.revision, FIRST.revision);
    },
    steps.length,
  );

  test(
    'two tabs that install two models of the same chunks, of which one is given up, leave the other whole',
    async (one, two) => {
      for (const step of installing(OTHER).slice(0, 2)) await step(two);
      const ends = await beside(one, steps, async () => {
        const abandoned = two.models.abandonInstall(OTHER.revision);
        const collected = two.models.collectGarbage();
        await Promise.all([abandoned, collected]);
      });
      equal(ends[3], 'resolved');
      await expectWhole(two);
      equal(await two.models.slots(OTHER.modelId), undefined);
    },
    steps.length,
  );

  test(
    'two tabs that install the same model end with it installed once',
    async (one, two) => {
      const ends = await Promise.all(
        [one, two].map(async (store) => {
          for (const step of installing(FIRST).slice(0, 3)) await step(store);
          return codeOf(store.models.commitInstall(FIRST, 10));
        }),
      );
      equal(ends, ['resolved', 'resolved']);
      equal(
        (await one.models.history(FIRST.modelId)).map(({ event }) => event),
        ['installed'],
      );
      equal(await two.models.journal(), []);
      await expectWhole(one);
    },
    1,
  );
}
