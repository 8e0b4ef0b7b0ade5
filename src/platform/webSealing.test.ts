import { expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { webSealing } from './webSealing.ts';

const sealing = webSealing();

test('what was sealed is opened with the same passphrase, in another page too, and with no other', async () => {
  const key = await sealing.create('correct horse battery');
  const sealed = await key.seal('héllo', 'message/c/m');
  expect(new TextDecoder().decode(sealed)).not.toContain('llo');
  const again = await sealing.unlock(key.vault, 'correct horse battery');
  expect(await again?.open(sealed, 'message/c/m')).toBe('héllo');
  expect(await sealing.unlock(key.vault, 'correct horse batterz')).toBeUndefined();
  // The same letters in another composition of Unicode.
  const composed = await sealing.create('caf\u00e9');
  expect(await sealing.unlock(composed.vault, 'cafe\u0301')).toBeDefined();
});

test('a record that was changed, cut or put in the place of another is refused', async () => {
  const key = await sealing.create('correct horse battery');
  const sealed = await key.seal('hello', 'message/c/m');
  const changed = sealed.map((byte, i) => (i === 14 ? byte ^ 1 : byte));
  for (const [bytes, about] of [
    [changed, 'message/c/m'],
    [sealed.slice(0, 20), 'message/c/m'],
    [sealed, 'message/c/other'],
  ] as const) {
    const reason: unknown = await key.open(bytes, about).catch((thrown: unknown) => thrown);
    expect(reason).toBeInstanceOf(SillError);
  }
});

test('the same text is sealed differently each time, and each vault has a salt of its own', async () => {
  const [one, other] = [await sealing.create('correct horse battery'), await sealing.create('correct horse battery')];
  expect(await one.seal('hello', 'a')).not.toEqual(await one.seal('hello', 'a'));
  expect(one.vault.salt).not.toEqual(other.vault.salt);
  expect(one.vault.iterations).toBeGreaterThanOrEqual(600_000);
});
