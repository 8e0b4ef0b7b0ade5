import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLookedAt } from './lookedAt.ts';

const file = new File(['x'], 'tiny.gguf');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('what was looked at is there for one import of it, and let go of then', () => {
  const lookedAt = createLookedAt();
  lookedAt.keep('https://example.org/a.gguf', file);
  expect(lookedAt.take('https://example.org/a.gguf')).toBe(file);
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
});

it('it is let go of when another address is imported, and when nothing comes of it', () => {
  const lookedAt = createLookedAt(1000);
  lookedAt.keep('https://example.org/a.gguf', file);
  expect(lookedAt.take('https://example.org/b.gguf')).toBeUndefined();
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
  lookedAt.keep('https://example.org/a.gguf', file);
  vi.advanceTimersByTime(999);
  lookedAt.keep('https://example.org/a.gguf', file);
  vi.advanceTimersByTime(999);
  expect(lookedAt.take('https://example.org/a.gguf')).toBe(file);
  lookedAt.keep('https://example.org/a.gguf', file);
  vi.advanceTimersByTime(1000);
  expect(lookedAt.take('https://example.org/a.gguf')).toBeUndefined();
});
