import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { NoticesStore, OFFER_MS } from './notices-store.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const nothing = async (): Promise<void> => undefined;
const words = (store: NoticesStore): string[] => store.list.map((each) => (each.kind === 'kept' ? each.error.message : each.words()));

describe('an undo that is offered', () => {
  it('puts back what was done last, and is gone', async () => {
    const store = new NoticesStore();
    const undone: string[] = [];
    for (const what of ['first', 'second']) store.offerUndo({ words: () => what, undo: async () => void undone.push(what) });
    expect(store.undo()).toBe(true);
    expect(store.undo()).toBe(true);
    expect(store.undo()).toBe(false);
    expect(undone).toEqual(['second', 'first']);
    expect(store.list).toEqual([]);
  });

  it('runs out after its time, but not while a person looks at it', () => {
    const store = new NoticesStore();
    store.offerUndo({ words: () => 'a', undo: nothing });
    vi.advanceTimersByTime(OFFER_MS - 1000);
    store.hold(true);
    vi.advanceTimersByTime(10 * OFFER_MS);
    expect(words(store)).toEqual(['a']);
    store.hold(false);
    vi.advanceTimersByTime(900);
    expect(words(store)).toEqual(['a']);
    vi.advanceTimersByTime(200);
    expect(words(store)).toEqual([]);
  });

  it('says so where nothing could be put back, until that was read', async () => {
    const store = new NoticesStore();
    const full = new SillError('quota_exceeded', 'The disk is full.');
    store.offerUndo({
      words: () => 'a',
      undo: async () => {
        throw full;
      },
    });
    store.undo();
    await vi.advanceTimersByTimeAsync(10 * OFFER_MS);
    expect(words(store)).toEqual(['The disk is full.']);
  });

  it('is taken back by whoever offered it, with all else of theirs', () => {
    const store = new NoticesStore();
    const [one, other] = [{}, {}];
    for (const [what, by] of [
      ['a', one],
      ['b', other],
      ['c', one],
    ] as const)
      store.offerUndo({ words: () => what, undo: nothing, by });
    store.withdraw(one);
    expect(words(store)).toEqual(['b']);
    store.withdraw(one);
    expect(words(store)).toEqual(['b']);
  });
});

describe('what is told', () => {
  const told = (about: string, tone: 'done' | 'failed' = 'done') => ({
    tone,
    about,
    words: () => `${about} ${tone}`,
    href: '#/models',
    seenIn: ['models'] as const,
  });

  it('goes by itself where it is good news, and stays where it is not', () => {
    const store = new NoticesStore();
    store.tell(told('a'));
    store.tell(told('b', 'failed'));
    vi.advanceTimersByTime(60_000);
    expect(words(store)).toEqual(['b failed']);
  });

  it('goes where a person comes to see for themselves', () => {
    const store = new NoticesStore();
    store.tell(told('a', 'failed'));
    store.seen('log');
    expect(words(store)).toEqual(['a failed']);
    store.seen('models');
    expect(words(store)).toEqual([]);
  });

  it('stands once for each thing, and never hides the page', () => {
    const store = new NoticesStore();
    store.tell(told('a', 'failed'));
    store.tell(told('a'));
    expect(words(store)).toEqual(['a done']);
    for (let i = 0; i < 20; i++) store.tell(told(String(i)));
    expect(store.list.length).toBeLessThanOrEqual(4);
  });

  it('runs out each in its own time, whatever comes in between', () => {
    const store = new NoticesStore();
    store.tell(told('a'));
    vi.advanceTimersByTime(8000);
    store.tell(told('b'));
    vi.advanceTimersByTime(5000);
    expect(words(store)).toEqual(['b done']);
    vi.advanceTimersByTime(8000);
    expect(words(store)).toEqual([]);
  });
});
