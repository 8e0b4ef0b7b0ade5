import { expect, test } from 'vitest';
import { parseModelId, parseVariantId } from '../../core/ids.ts';
import type { ImportSummary } from '../../protocol/importReports.ts';
import { stoppedWords } from './import-words.ts';

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
