import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/forge/architectures/known.ts';
import { ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { memorySource } from '../../src/forge/testing/tinyLlama.ts';
import { VOCABULARIES } from './reference/vocabularies.ts';

const CaseSchema = v.object({ text: v.string(), ids: v.string() });
const ReferenceSchema = v.object({
  vocabularies: v.array(v.object({ title: v.string(), beginning: v.boolean(), cases: v.array(CaseSchema) })),
});
const file: unknown = JSON.parse(readFileSync(new URL('../models/golden/llamaCppTokenIds.json', import.meta.url), 'utf8'));
const reference = new Map(v.parse(ReferenceSchema, file).vocabularies.map((each) => [each.title, each]));

describe.each(VOCABULARIES)('a vocabulary with the rules of $title', (vocabulary) => {
  const { beginning = false, cases = [] } = reference.get(vocabulary.title) ?? {};
  const { metadata } = readGguf([memorySource(vocabulary.file())]);
  const architecture = ARCHITECTURES.get(metadata.text('general.architecture') ?? '');
  const tokenizer = new Tokenizer(ggufTokenizerJson(ggufVocabulary(metadata), architecture), {});

  test('begins a text as llama.cpp does', () => {
    expect(tokenizer.encode('x').ids.length > tokenizer.encode('x', { add_special_tokens: false }).ids.length).toBe(beginning);
  });

  test('cuts hard texts as llama.cpp does', () => {
    expect(cases.map(({ text }) => text)).toEqual(vocabulary.texts);
    const ours = cases.map(({ text }) => ({ text, ids: tokenizer.encode(text, { add_special_tokens: false }).ids.join(' ') }));
    // Qwen's own tokenizer composes characters first, and so does ours; llama.cpp does not.
    const composes = ({ text }: { text: string }) => vocabulary.title === 'qwen2' && text !== text.normalize('NFC');
    const wrong = cases.flatMap((expected, i) =>
      ours[i]?.ids === expected.ids || composes(expected) ? [] : [{ ...expected, ours: ours[i]?.ids }],
    );
    expect(wrong).toEqual([]);
  });
});
