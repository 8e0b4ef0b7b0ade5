import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CatalogEntry } from './catalog.ts';
import { parseModelId, parseRevisionId, parseVariantId } from './ids.ts';
import type { InstalledRevision, Slots } from './slots.ts';
import { type FirstQuestion, firstRevision, judgeUpdates, type UpdateQuestion } from './updates.ts';

const MODEL = parseModelId('tiny');
const revisionOf = (n: number) => parseRevisionId(`sha256:${n.toString(16).padStart(64, '0')}`);
const entry = (n: number, change: Partial<CatalogEntry> = {}): CatalogEntry => ({
  id: MODEL,
  revision: revisionOf(n),
  channel: 'stable',
  path: `tiny/${n}`,
  publishedAtMs: n * 1000,
  ...change,
});
const installed = (n: number): InstalledRevision => ({
  revision: revisionOf(n),
  variant: parseVariantId('int8-wasm'),
  installedAtMs: 0,
  licenceAcceptedAtMs: 0,
});
const slots = (change: Partial<Slots> = {}): Slots => ({ modelId: MODEL, active: installed(1), ...change });
const ask = (change: Partial<UpdateQuestion>) =>
  judgeUpdates({
    entries: [entry(1), entry(2)],
    slots: slots(),
    quarantined: new Map(),
    channel: 'stable',
    fractionOf: () => 0.5,
    appVersion: '1.0.0',
    known: new Map(),
    stale: false,
    nowMs: 10_000,
    askedByPerson: false,
    ...change,
  });
const offered = (change: Partial<UpdateQuestion>) => ask(change).offer?.entry.revision;

describe('the newest revision is offered', () => {
  test('where nothing speaks against it', () => {
    expect(ask({ entries: [entry(1), entry(3), entry(2)] })).toEqual({
      offer: { entry: entry(3), critical: false, early: false },
      withheld: [],
      withdrawn: [],
    });
  });
  test('but nothing older than what runs, and not what runs', () => {
    expect(ask({ entries: [entry(1), entry(0)] })).toEqual({ withheld: [], withdrawn: [] });
  });
  test('and anything sound where the one that runs is withdrawn, with a warning', () => {
    const verdict = ask({ entries: [entry(1, { withdrawn: { reason: 'It leaks.' } }), entry(0)] });
    expect(verdict.offer?.entry.revision).toBe(revisionOf(0));
    expect(verdict.withdrawn).toEqual([{ revision: revisionOf(1), isActive: true, reason: 'It leaks.' }]);
  });
  test('where the one that runs is no longer published', () => {
    expect(offered({ entries: [entry(0)] })).toBe(revisionOf(0));
  });
});

describe('a newer revision is held back, with the reason, when', () => {
  const cases: ReadonlyArray<readonly [string, Partial<UpdateQuestion>, object]> = [
    [
      'it failed on this device',
      { quarantined: new Map([[revisionOf(2), { reason: 'It crashed.' }]]) },
      { kind: 'quarantined', reason: 'It crashed.' },
    ],
    ['it is withdrawn', { entries: [entry(1), entry(2, { withdrawn: { reason: 'Bad.' } })] }, { kind: 'withdrawn', reason: 'Bad.' }],
    ['another one is pinned', { slots: slots({ pinned: revisionOf(1) }) }, { kind: 'pinned', to: revisionOf(1) }],
    ['it is beta and this device is not', { entries: [entry(1), entry(2, { channel: 'beta' })] }, { kind: 'channel', channel: 'beta' }],
    ['a person went back from it', { slots: slots({ declined: [revisionOf(2)] }) }, { kind: 'declined' }],
    [
      'it needs a later app',
      { known: new Map([[revisionOf(2), { minimumRuntime: '1.1.0', sameLicence: true }]]) },
      { kind: 'needs-app', minimumRuntime: '1.1.0' },
    ],
    ['the catalog is stale', { stale: true }, { kind: 'catalog-stale' }],
    [
      'its rollout has not come this far',
      { entries: [entry(1), entry(2, { rollout: { id: 'r', percentage: 50 } })] },
      { kind: 'rollout', percentage: 50 },
    ],
    [
      'its phase is still to come',
      { entries: [entry(1), entry(2, { rollout: { id: 'r', phases: [{ fromIso: '1970-01-01T01:00:00Z', percentage: 100 }] } })] },
      { kind: 'rollout', percentage: 0, expectedAtMs: 3_600_000 },
    ],
    [
      'its rollout is paused',
      { entries: [entry(1), entry(2, { rollout: { id: 'r', percentage: 100, paused: true } })] },
      { kind: 'rollout-paused' },
    ],
  ];
  test('its licence is another one, until a person asks', () => {
    const known = new Map([[revisionOf(2), { minimumRuntime: '1.0.0', sameLicence: false }]]);
    expect(ask({ known }).withheld[0]?.why).toEqual({ kind: 'licence-changed' });
    expect(offered({ known, askedByPerson: true })).toBe(revisionOf(2));
  });
  test.each(cases)('%s', (_case, change, why) => {
    const verdict = ask(change);
    expect(verdict.offer).toBeUndefined();
    expect(verdict.withheld).toMatchObject([{ entry: { revision: revisionOf(2) }, why }]);
  });
  test('and the next best one is offered in its place', () => {
    const verdict = ask({ entries: [entry(1), entry(2), entry(3, { channel: 'beta' })] });
    expect(verdict.offer?.entry.revision).toBe(revisionOf(2));
    expect(verdict.withheld).toHaveLength(1);
  });
});

describe('the phases of a rollout are bypassed', () => {
  const late = { rollout: { id: 'r', percentage: 0 } };
  test('by a critical update', () => {
    expect(ask({ entries: [entry(1), entry(2, { ...late, critical: true })] }).offer).toMatchObject({ critical: true, early: true });
  });
  test('by a person who asks', () => {
    expect(ask({ entries: [entry(1), entry(2, late)], askedByPerson: true }).offer).toMatchObject({ critical: false, early: true });
  });
  test('also while it is paused', () => {
    const paused = { rollout: { id: 'r', percentage: 100, paused: true } };
    expect(ask({ entries: [entry(1), entry(2, paused)], askedByPerson: true }).offer).toMatchObject({ early: true });
    expect(ask({ entries: [entry(1), entry(2, { ...paused, critical: true })] }).offer).toMatchObject({ critical: true, early: true });
  });
});

test('a pinned revision is offered whatever its age, channel or an earlier step back', () => {
  const pinned = { pinned: revisionOf(0), declined: [revisionOf(0)] };
  expect(offered({ entries: [entry(1), entry(0, { channel: 'beta' }), entry(2)], slots: slots(pinned) })).toBe(revisionOf(0));
});

test('a quarantined or withdrawn revision is never offered, whatever else is the case', () => {
  const anyEntry = fc.record({
    n: fc.integer({ min: 0, max: 6 }),
    channel: fc.constantFrom('stable' as const, 'beta' as const),
    critical: fc.boolean(),
    withdrawn: fc.boolean(),
    percentage: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(
      fc.array(anyEntry, { maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 6 })),
      fc.boolean(),
      fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      (drawn, bad, askedByPerson, pin) => {
        const entries = drawn.map(({ n, percentage, withdrawn, ...rest }) =>
          entry(n, { ...rest, rollout: { id: 'r', percentage }, ...(withdrawn ? { withdrawn: { reason: 'bad' } } : {}) }),
        );
        const quarantined = new Map(bad.map((n) => [revisionOf(n), { reason: 'failed' }]));
        const pinned = pin === undefined ? {} : { pinned: revisionOf(pin) };
        const { offer } = ask({ entries, quarantined, askedByPerson, slots: slots(pinned), channel: 'beta' });
        if (!offer) return true;
        return (
          !quarantined.has(offer.entry.revision) &&
          !offer.entry.withdrawn &&
          (pin === undefined || offer.entry.revision === revisionOf(pin))
        );
      },
    ),
  );
});

describe('a first install takes', () => {
  const first = (entries: CatalogEntry[], change: Partial<FirstQuestion> = {}) =>
    firstRevision({ entries, quarantined: new Map(), fractionOf: () => 0.5, nowMs: 10_000, ...change })?.revision;

  test('the newest stable revision that is sound', () => {
    const entries = [entry(1), entry(2), entry(3, { channel: 'beta' }), entry(4, { withdrawn: { reason: '' } }), entry(5)];
    expect(first(entries, { quarantined: new Map([[revisionOf(5), { reason: 'failed' }]]) })).toBe(revisionOf(2));
  });
  test('beta where there is no stable one', () => {
    expect(first([entry(3, { channel: 'beta' })])).toBe(revisionOf(3));
  });
  test('one whose rollout is paused, or has not come this far, only where there is no other', () => {
    for (const rollout of [
      { id: 'r', percentage: 100, paused: true },
      { id: 'r', percentage: 50 },
    ]) {
      expect(first([entry(2, { rollout }), entry(1)])).toBe(revisionOf(1));
      expect(first([entry(2, { rollout })])).toBe(revisionOf(2));
      expect(first([entry(2, { rollout, critical: true }), entry(1)])).toBe(revisionOf(2));
    }
  });
  test('one whose rollout has come to this device', () => {
    expect(first([entry(2, { rollout: { id: 'r', percentage: 51 } }), entry(1)])).toBe(revisionOf(2));
  });
});
