import { expect, test } from 'vitest';
import { readTextFile } from './text-file.ts';

const file = (name: string, ...parts: ReadonlyArray<string | Uint8Array<ArrayBuffer>>): File => new File([...parts], name);

test('a file of any text is read as it is', async () => {
  const text = 'Grüße, Καλημέρα\n\tif (a < b) return;\n';
  expect(await readTextFile(file('code.ts', text))).toEqual({ name: 'code.ts', text });
});

test('what is no text is refused, by its bytes and not by its name: pictures, and letters of another encoding', async () => {
  const latin = Uint8Array.from('Öl übt für Käse große Übergrößen', (letter) => letter.charCodeAt(0));
  const greek = Uint8Array.from([0xca, 0xe1, 0xeb, 0xe7, 0xec, 0xdd, 0xf1, 0xe1]);
  for (const bytes of [Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0), latin, greek])
    expect(await readTextFile(file('letter.txt', bytes))).toEqual({ name: 'letter.txt', refusal: 'not-text' });
  // One letter that was damaged on its way spoils no file.
  expect(await readTextFile(file('a.txt', 'word '.repeat(40), Uint8Array.of(0xfc)))).toHaveProperty('text');
});

test('what is empty or larger than its place takes is refused', async () => {
  expect(await readTextFile(file('blank.txt', ' \n '))).toEqual({ name: 'blank.txt', refusal: 'empty' });
  expect(await readTextFile(file('long.txt', 'x'.repeat(101)), 100)).toEqual({ name: 'long.txt', refusal: 'too-large' });
});
