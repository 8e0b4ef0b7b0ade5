import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchPageTraces } from './page-traces.ts';

/** Whose keys are its own properties, as a browser's. */
class FakeStorage {
  getItem(key: string): string | null {
    return Object.hasOwn(this, key) ? String(Reflect.get(this, key)) : null;
  }
  setItem(key: string, value: string): void {
    Object.assign(this, { [key]: value });
  }
  removeItem(key: string): void {
    Reflect.deleteProperty(this, key);
  }
}

let local: FakeStorage;
let session: FakeStorage;

beforeEach(() => {
  local = new FakeStorage();
  session = new FakeStorage();
  vi.stubGlobal('localStorage', local);
  vi.stubGlobal('sessionStorage', session);
  vi.stubGlobal('getSelection', () => null);
});
afterEach(() => vi.unstubAllGlobals());

const KEEP = { clipboard: false };

it('choices of a person at a device that keeps its views go, also those before a page was loaded anew', async () => {
  local.setItem('sill.theme', '"dark"');
  const first = watchPageTraces({ lasting: true });
  local.setItem('sill.theme', '"light"');
  local.setItem('sill.models.used', '["guide"]');
  session.setItem('sill.something', 'theirs');
  session.setItem('sill-start', '#/chat');
  // In a browser the page that is gone has ended nothing.
  const next = watchPageTraces({ lasting: true });
  await next.erase(KEEP);
  expect({ ...local }).toEqual({ 'sill.theme': '"dark"', 'sill-kiosk-before': expect.any(String) });
  expect({ ...session }).toEqual({ 'sill-start': '#/chat' });
  next.end();
  first.end();
});

it('what the owner had begun to write is for none of those who come by, and there again when the lock is off', async () => {
  local.setItem('sill.write.prompt', '"Dear bank"');
  const traces = watchPageTraces({ lasting: true });
  await traces.erase(KEEP);
  expect(local.getItem('sill.write.prompt')).toBeNull();
  local.setItem('sill.write.prompt', '"Once upon a time"');
  traces.end();
  expect({ ...local }).toEqual({ 'sill.write.prompt': '"Dear bank"' });
});

it('a lock that is put on later begins with what is chosen by then', async () => {
  watchPageTraces({ lasting: true }).end();
  local.setItem('sill.locale', '"el"');
  const traces = watchPageTraces({ lasting: true });
  local.setItem('sill.locale', '"de"');
  await traces.erase(KEEP);
  expect(local.getItem('sill.locale')).toBe('"el"');
  traces.end();
});

it('at a kiosk with a task they are as they were when it began, and nothing is kept of that', async () => {
  local.setItem('sill.locale', '"el"');
  const traces = watchPageTraces();
  local.setItem('sill.locale', '"de"');
  await traces.erase(KEEP);
  traces.end();
  expect({ ...local }).toEqual({ 'sill.locale': '"el"' });
});
