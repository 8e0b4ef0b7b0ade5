import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLookedAt } from './lookedAt.ts';

const files = [new File(['x'], 'tiny.gguf')];

let letGo: File[] = [];
const open = (waitsMs?: number) => createLookedAt((each) => void letGo.push(...each), waitsMs);

beforeEach(() => {
  letGo = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

it('what was looked at is there for one import of it, and let go of then', () => {
  const lookedAt = open();
  lookedAt.keep('https://example.org/a.gguf', files);
  expect(lookedAt.take('https://example.org/a.gguf')).toBe(files);
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
  // Whoever took it lets go of it.
  expect(letGo).toEqual([]);
});

it('it is let go of when another address is imported, and when nothing comes of it', () => {
  const lookedAt = open(1000);
  lookedAt.keep('https://example.org/a.gguf', files);
  expect(lookedAt.take('https://example.org/b.gguf')).toBeUndefined();
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
  lookedAt.keep('https://example.org/a.gguf', files);
  vi.advanceTimersByTime(999);
  lookedAt.keep('https://example.org/a.gguf', files);
  vi.advanceTimersByTime(999);
  expect(lookedAt.take('https://example.org/a.gguf')).toBe(files);
  lookedAt.keep('https://example.org/a.gguf', files);
  vi.advanceTimersByTime(1000);
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
  // Once for the other address, once for being looked at again, and once for nothing.
  expect(letGo).toEqual([...files, ...files, ...files]);
});
