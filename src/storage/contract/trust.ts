import type { TrustState, TrustVersions } from '../../core/trust.ts';
import { codeOf, type Suite } from './suite.ts';

const stateOf = (root: number, timestamp: number, snapshot = timestamp, targets = timestamp): TrustState => ({
  root: `root ${root}`,
  timestamp: `timestamp ${timestamp}`,
  snapshot: `snapshot ${snapshot}`,
  targets: `targets ${targets}`,
  versions: { root, timestamp, snapshot, targets },
  lineage: [{ version: 1, digest: 'ab' }],
  checkedAtMs: 1,
});

/** What every store of trust does. */
export function trustContract({ test, equal }: Suite): void {
  const first = stateOf(1, 5);

  test('each catalog is trusted for itself: what one has seen neither holds back nor is forgotten with another', async (store) => {
    const other = store.trustOf('https://mirror.example/models/');
    await store.trust.commit(first, undefined);
    equal(await other.read(), undefined);
    equal(await other.commit(stateOf(1, 2), undefined), true);
    await store.trust.clear();
    equal((await store.trustOf('https://mirror.example/models/').read())?.versions, stateOf(1, 2).versions);
    equal(await store.trust.read(), undefined);
  });

  test('what was verified comes back as it was committed', async ({ trust }) => {
    equal(await trust.read(), undefined);
    equal(await trust.commit(first, undefined), true);
    equal(await trust.read(), first);
  });
  test('a commit that is based on what another tab has replaced changes nothing', async ({ trust }) => {
    await trust.commit(first, undefined);
    await trust.commit(stateOf(1, 6), first.versions);
    for (const stale of [undefined, first.versions]) equal(await trust.commit(stateOf(1, 7), stale), false);
    equal((await trust.read())?.versions, stateOf(1, 6).versions);
  });
  test('of two commits at once on the same base one wins', async ({ trust }) => {
    await trust.commit(first, undefined);
    const won = await Promise.all([6, 7].map((version) => trust.commit(stateOf(1, version), first.versions)));
    equal(won.filter(Boolean).length, 1);
    equal((await trust.read())?.versions.timestamp, won[0] ? 6 : 7);
  });
  test('no version goes back under the same root, and no root ever', async ({ trust }) => {
    const base = stateOf(2, 5);
    await trust.commit(base, undefined);
    for (const older of [stateOf(2, 4, 5, 5), stateOf(2, 5, 4, 5), stateOf(2, 5, 5, 4), stateOf(1, 9)]) {
      equal(await codeOf(trust.commit(older, base.versions)), 'untrusted_catalog');
    }
    equal(await trust.read(), base);
  });
  test('a newer root may start the versions over', async ({ trust }) => {
    const driven: TrustVersions = { root: 1, timestamp: 2 ** 40, snapshot: 2 ** 40, targets: 2 ** 40 };
    await trust.commit({ ...first, versions: driven }, undefined);
    equal(await trust.commit(stateOf(2, 1), driven), true);
    equal((await trust.read())?.versions.timestamp, 1);
  });
  test('what is forgotten is gone, and trust can begin again from the bottom', async ({ trust }) => {
    await trust.commit(first, undefined);
    await trust.clear();
    equal(await trust.read(), undefined);
    equal(await trust.commit(stateOf(1, 1), undefined), true);
  });
}
