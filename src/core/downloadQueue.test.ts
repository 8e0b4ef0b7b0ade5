import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeDownload, firstRank, inOrder, nextDownload, type QueueChange, retryWaitMs, waitOf } from './downloadQueue.ts';
import { parseModelId, parseRevisionId, parseVariantId } from './ids.ts';
import type { JournalEntry } from './journal.ts';

const entryOf = (n: number, change: Partial<JournalEntry> = {}): JournalEntry => ({
  modelId: parseModelId(`model-${n}`),
  revision: parseRevisionId(`sha256:${n.toString(16).padStart(64, '0')}`),
  variant: parseVariantId('int8-wasm'),
  startedAtMs: n,
  licenceAcceptedAtMs: n,
  state: 'queued',
  by: 'person',
  rank: 0,
  ...change,
});

const free = { metered: false };
const metered = { metered: true };

const entries = fc
  .array(
    fc.record({
      startedAtMs: fc.nat(5),
      state: fc.constantFrom('queued', 'running', 'paused', 'failed'),
      by: fc.constantFrom('person', 'device', 'bundle'),
      rank: fc.integer({ min: -3, max: 3 }),
      meteredAllowed: fc.constantFrom(undefined, true as const),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.map(({ meteredAllowed, ...change }, n) => entryOf(n, { ...change, ...(meteredAllowed ? { meteredAllowed } : {}) })));
const conditions = fc.record({ metered: fc.boolean() });
const change: fc.Arbitrary<QueueChange> = fc.oneof(
  fc.constantFrom<QueueChange>(
    { type: 'run' },
    { type: 'yield' },
    { type: 'pause' },
    { type: 'fail', error: { code: 'internal', message: 'no' } },
    { type: 'want', by: 'device' },
  ),
);

describe('the queue', () => {
  it('lets a person go before the device, and then who came first', () => {
    const queue = [entryOf(3), entryOf(1, { by: 'device' }), entryOf(2)];
    expect(inOrder(queue).map((entry) => entry.startedAtMs)).toEqual([2, 3, 1]);
    expect(nextDownload(queue, free)?.startedAtMs).toBe(2);
  });

  it('does not depend on the order in which the entries are read, so that every tab sees the same', () => {
    fc.assert(
      fc.property(entries, conditions, (all, now) => {
        expect(inOrder([...all].reverse())).toEqual(inOrder(all));
        expect(nextDownload([...all].reverse(), now)).toEqual(nextDownload(all, now));
      }),
    );
  });

  it('never moves what is paused, failed, or comes by itself in a bundle, nor what waits for another network', () => {
    fc.assert(
      fc.property(entries, conditions, (all, now) => {
        const next = nextDownload(all, now);
        if (!next) return all.every((each) => each.by === 'bundle' || waitOf(each, all, now) !== 'turn');
        expect(['queued', 'running']).toContain(next.state);
        expect(next.by).not.toBe('bundle');
        if (now.metered) expect(next.meteredAllowed).toBe(true);
        return waitOf(next, all, now) === undefined;
      }),
    );
  });

  it('says of everything that is wanted and not under way why it waits', () => {
    const queue = [entryOf(1), entryOf(2), entryOf(3, { meteredAllowed: true }), entryOf(4, { state: 'paused' })];
    expect(queue.map((entry) => waitOf(entry, queue, free))).toEqual([undefined, 'turn', 'turn', undefined]);
    expect(queue.map((entry) => waitOf(entry, queue, metered))).toEqual(['metered', 'metered', undefined, undefined]);
  });

  it('brings what is prioritised to the front, whatever it was', () => {
    fc.assert(
      fc.property(
        entries.filter((all) => all.some((each) => each.by !== 'bundle')),
        fc.nat(),
        (all, pick) => {
          const queue = inOrder(all);
          const chosen = queue[pick % queue.length];
          if (!chosen) throw new Error('the queue is empty');
          const moved = changeDownload(chosen, { type: 'prioritise', firstRank: firstRank(all) });
          const after = all.map((each) => (each.revision === chosen.revision ? moved : each));
          expect(inOrder(after)[0]?.revision).toBe(chosen.revision);
        },
      ),
    );
  });
});

describe('a change of a download', () => {
  it('of a person who paused it wins over everything that the device does by itself', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const paused = entryOf(1, { state: 'paused' });
        expect(changes.reduce(changeDownload, paused)).toEqual(paused);
      }),
    );
  });

  it('keeps what it is of: model, revision, variant, its begin and the licence that was accepted', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const { modelId, revision, variant, startedAtMs, licenceAcceptedAtMs } = entryOf(1);
        expect(changes.reduce(changeDownload, entryOf(1))).toMatchObject({ modelId, revision, variant, startedAtMs, licenceAcceptedAtMs });
      }),
    );
  });

  it('keeps an error with a failure only', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const after = changes.reduce(changeDownload, entryOf(1));
        expect(after.error !== undefined).toBe(after.state === 'failed');
      }),
    );
  });

  it('to go on, of one that waits for another network, is the word that it may cost; of a paused one it is not', () => {
    const queued = changeDownload(entryOf(1, { state: 'paused', by: 'device' }), { type: 'resume' });
    expect([queued.state, waitOf(queued, [queued], metered)]).toEqual(['queued', 'metered']);
    const allowed = changeDownload(queued, { type: 'resume' });
    expect(nextDownload([allowed], metered)).toEqual(allowed);
    expect(changeDownload(entryOf(1, { state: 'running' }), { type: 'resume' }).state).toBe('running');
  });

  it('to want it again does not make a person of the device, nor the other way round', () => {
    const failed = entryOf(1, { state: 'failed', by: 'device', error: { code: 'internal', message: 'no' } });
    expect(changeDownload(failed, { type: 'want', by: 'device' })).toEqual(entryOf(1, { by: 'device' }));
    expect(changeDownload(failed, { type: 'want', by: 'person' }).by).toBe('person');
    expect(changeDownload(entryOf(1, { state: 'running' }), { type: 'want', by: 'device' })).toEqual(entryOf(1, { state: 'running' }));
  });
});

describe('another try', () => {
  const offline = { code: 'network_unavailable', message: '' } as const;
  it('comes without end while there is no network, later each time, up to a minute', () => {
    expect([1, 2, 3, 100].map((n) => retryWaitMs(offline, n, 1))).toEqual([2000, 4000, 8000, 60_000]);
    expect(retryWaitMs(offline, 1, 0)).toBe(1000);
  });
  it('comes a few times for a server that is there and cannot', () => {
    const status = (code: number) => ({ code: 'chunk_unavailable', message: '', details: { status: code } }) as const;
    expect(retryWaitMs(status(503), 1, 1)).toBe(2000);
    expect(retryWaitMs(status(503), 9, 1)).toBeUndefined();
    expect(retryWaitMs(status(404), 1, 1)).toBeUndefined();
  });
  it('does not come for what waiting will not mend', () => {
    for (const code of ['chunk_mismatch', 'quota_exceeded', 'storage_unavailable', 'unsupported_device'] as const) {
      expect(retryWaitMs({ code, message: '' }, 1, 1)).toBeUndefined();
    }
  });
});
