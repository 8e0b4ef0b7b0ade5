import { expect, test } from 'vitest';
import { parseModelId, parseVariantId } from '../../core/ids.ts';
import type { ImportSummary } from '../../protocol/importReports.ts';
import { begunWords, stoppedWords } from './import-words.ts';

const SUMMARY: ImportSummary = {
  ...{ id: parseModelId('file:tiny'), name: 'Tiny', variant: parseVariantId('int8-wasm'), startedAtMs: 0, state: 'paused' },
  ...{ source: { kind: 'files', files: [{ name: 'tiny.gguf', sizeBytes: 1 }] }, doneBytes: 2_000_000, totalBytes: 5_000_000 },
};

test.each(['paused', 'failed'] as const)('an import that is %s says what it takes to go on', (state) => {
  const words = (goesOn: ImportSummary['goesOn'] & string) => stoppedWords({ ...SUMMARY, state, goesOn });
  expect(words('now')).toMatch(/2 MB of what is made are on the device\.$/);
  expect(words('permission')).toContain('the browser asks whether tiny.gguf may be read again');
  expect(words('file')).toContain('choose tiny.gguf again above');
  expect(words('now').startsWith('Paused')).toBe(state === 'paused');
});

test('what becomes of an import that was begun is said before another one takes its place', () => {
  const here = { doneBytes: 2_000_000, totalBytes: 5_000_000 };
  const unfinished = { variant: parseVariantId('int8-wasm'), ...here };
  expect(begunWords({}, 'int8-wasm')).toBeUndefined();
  expect(begunWords({ unfinished }, 'int8-wasm')).toMatch(/2 MB of it are here, and it goes on from there/);
  expect(begunWords({ unfinished }, 'fp16-webgpu')).toMatch(/2 MB of it are here, and are given up for this one/);
  expect(begunWords({ displaces: { source: SUMMARY.source, ...here } }, 'int8-wasm')).toMatch(
    /another file of this name.*tiny\.gguf.*given up/,
  );
});
