import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bytesOfToken, lettersOfBytes } from '../../core/tokenBytes.ts';
import { isPartOfUtf8 } from '../../core/utf8.ts';
import type { XGrammar } from '../grammarMatching.ts';

const require = createRequire(import.meta.url);

/** The library in Node, which takes its file for a module of another kind than it is. */
export function loadXGrammar(): XGrammar {
  // A function has no import() of its own.
  const source = readFileSync(require.resolve('@mlc-ai/web-xgrammar'), 'utf8').replace(
    "await import('module')",
    '{ createRequire: () => require }',
  );
  const module = { exports: {} as XGrammar };
  new Function('exports', 'module', 'require', '__filename', source)(module.exports, module, require, import.meta.filename);
  return module.exports;
}

/** All single bytes, and words of JSON and of texts that cross its borders. The last one ends a text. */
export function testVocabulary(): { readonly tokens: readonly string[]; readonly bytes: readonly Uint8Array[]; readonly stop: number } {
  const words = [
    ...['{"', '": "', '", "', '"}', '"]', '": ', ', "', '},{"', '": {"', '[["', '\\"', '\\u00', '\\n', '00', '12', '-1', '.5', 'e+', '0.'],
    ...['true', 'false', 'null', ' the', 'ing', 'é', '漢', '😀', ' é', 'a"', '\n  ', '  ', '@', '2024-', '://', 'ab', 'cd', 'name', 'x"'],
  ];
  const bytes = [
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    Uint8Array.of(0xf0, 0x9f),
    Uint8Array.of(0x98, 0x80),
    ...words.map((word) => bytesOfToken(word, 'plain')),
  ];
  const tokens = [...bytes.map((each) => (isPartOfUtf8(each) ? lettersOfBytes(each) : '')), ''];
  return { tokens, bytes, stop: bytes.length };
}
