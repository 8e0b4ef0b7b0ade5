import { expect, test } from 'vitest';
import type { Head, Message } from '../../core/chat/conversation.ts';
import type { EmbeddingRequest } from '../../protocol/openaiRequests.ts';
import type { Sill } from '../../protocol/sill.ts';
import { Finding } from './finding.ts';

const head: Head = { id: 'c', title: '', createdAtMs: 0, updatedAtMs: 0, model: 'tiny', system: '' };
const LONG = ['About ferries. ', 'About bread. ', 'About stars. '].map((about) => about.repeat(40).trim()).join('\n\n');
const WORDS = ['ferries', 'bread', 'stars'];
const asked = (text: string, more: Partial<Message>): readonly Message[] => [{ id: 'q', role: 'user', text, createdAtMs: 0, ...more }];
const signal = new AbortController().signal;
const quiet = (): void => undefined;

/** Texts are near each other where they name the same thing. */
function surface(models: readonly string[]) {
  const embedded: string[] = [];
  const create = async ({ input }: EmbeddingRequest, options?: { readonly signal?: AbortSignal }) => {
    options?.signal?.throwIfAborted();
    const texts = typeof input === 'string' ? [input] : input;
    embedded.push(...texts);
    const vectorOf = (text: string): number[] => WORDS.map((word) => Number(text.includes(word)));
    return { data: texts.map((text) => ({ embedding: vectorOf(text) })), sill: { revision: 'r1' } };
  };
  const sill = {
    models: { list: async () => models.map((id) => ({ id, task: 'feature-extraction', installed: {} })) },
    embeddings: { create },
    documents: { search: async () => [{ documentId: 'd', documentName: 'bread.md', index: 2, text: 'Bread of the house', score: 0.9 }] },
  };
  // What is asked of the whole surface is these three.
  return { embedded, finding: new Finding(sill as unknown as Pick<Sill, 'models' | 'documents' | 'embeddings'>) };
}

const file = { id: 'f', name: 'notes.txt', text: LONG };
const about = { files: [file], sources: { files: ['f'], documents: false } };

test('of a long file the passages that fit the question are found, and the file is read once', async () => {
  const { embedded, finding } = surface(['minilm']);
  const seen: number[] = [];
  const question = { head, path: asked('What about bread?', about), contextLength: 400 };
  const first = await finding.look(question, signal, ({ totalPassages }) => seen.push(totalPassages));
  expect(first.given?.length).toBeGreaterThan(0);
  expect(first.given?.every(({ name, text, score }) => name === 'notes.txt' && text.includes('bread') && score === 1)).toBe(true);
  expect(Math.max(...seen)).toBeGreaterThan(1);
  const before = embedded.length;
  await finding.look({ ...question, path: asked('What about stars?', about) }, signal, quiet);
  expect(embedded.slice(before)).toEqual(['What about stars?']);
  finding.forget();
  await finding.look(question, signal, quiet);
  expect(embedded.length).toBeGreaterThan(before + 2);
});

test('files and documents are looked through together, and what is about something else is left out', async () => {
  const { finding } = surface(['minilm']);
  const path = asked('What about bread?', { ...about, sources: { files: ['f'], documents: true } });
  const { given } = await finding.look({ head, path, contextLength: 2048 }, signal, quiet);
  expect(new Set(given?.map(({ name }) => name))).toEqual(new Set(['notes.txt', 'bread.md']));
  expect(given?.some(({ text }) => text.includes('stars') && !text.includes('bread'))).toBe(false);
});

test('without a model for search a long file is given from its beginning, and documents alone are refused with a way out', async () => {
  const { embedded, finding } = surface([]);
  const { given } = await finding.look({ head, path: asked('What?', about), contextLength: 256 }, signal, quiet);
  expect(given).toMatchObject([{ name: 'notes.txt', isCut: true }]);
  expect(LONG.startsWith(given?.[0]?.text ?? 'nothing')).toBe(true);
  expect(embedded).toEqual([]);
  const alone = finding.look(
    { head, path: asked('What?', { sources: { files: [], documents: true } }), contextLength: 256 },
    signal,
    quiet,
  );
  await expect(alone).rejects.toMatchObject({ code: 'model_not_installed' });
});

test('a short file goes in whole and needs no model; one that was taken out is not given', async () => {
  const { finding } = surface([]);
  const short = { ...file, text: 'The key lies under the third pot.' };
  const look = async (files: string[]) =>
    (
      await finding.look(
        { head, path: asked('Where?', { files: [short], sources: { files, documents: false } }), contextLength: 256 },
        signal,
        quiet,
      )
    ).given;
  expect(await look(['f'])).toEqual([{ name: 'notes.txt', text: short.text }]);
  expect(await look([])).toEqual([]);
});

test('looking is stopped between two batches', async () => {
  const { finding } = surface(['minilm']);
  const abort = new AbortController();
  const stopped = finding.look({ head, path: asked('What about bread?', about), contextLength: 400 }, abort.signal, () => abort.abort());
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
});
