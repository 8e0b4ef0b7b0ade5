import { beforeEach, describe, expect, it } from 'vitest';
import { parseManifest } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';
import { A, DESCRIPTION, digestOf } from '../../storage/contract/samples.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { type ChatTemplates, createChatTemplates } from './chatTemplates.ts';

const CONFIG = digestOf('7');
const HERE = { isInstalled: true, isPacked: true };
const manifest = (change: object = {}) =>
  parseManifest({
    ...{ schema: 1, ...DESCRIPTION },
    variants: [{ ...DESCRIPTION.variants[0], files: ['tokenizer_config.json', 'int8.onnx'] }],
    files: [
      { path: 'tokenizer_config.json', sizeBytes: 2, chunks: [{ digest: CONFIG, sizeBytes: 2 }] },
      { path: 'int8.onnx', sizeBytes: 1, chunks: [{ digest: A, sizeBytes: 1 }] },
    ],
    ...change,
  });

let store: Store;
let templates: ChatTemplates;
const keep = (text: string) => store.chunks.put(CONFIG, new Blob([text]));

describe('whether a model holds conversations', () => {
  beforeEach(() => {
    store = createMemoryStore();
    templates = createChatTemplates(store);
  });

  it('is said by its manifest, before any file is here', async () => {
    const said = manifest({ chatTemplate: '{{ messages }}' });
    expect(await templates.holdsConversations(said, { isInstalled: false, isPacked: false })).toBe(true);
    expect(await templates.of(said)).toBe('{{ messages }}');
  });

  it('is said by its files, of one that is installed', async () => {
    await keep('{"chat_template":[{"name":"default","template":"{{ messages }}"}]}');
    expect(await templates.holdsConversations(manifest(), HERE)).toBe(true);
    expect(await templates.of(manifest())).toBe('{{ messages }}');
  });

  it('is no, where the files have no template, or the publisher found none', async () => {
    await keep('{}');
    expect(await templates.holdsConversations(manifest(), HERE)).toBe(false);
    expect(await templates.holdsConversations(manifest(), { isInstalled: false, isPacked: true })).toBe(false);
  });

  it('is not known of what nobody packed with Sill, of lost files and of broken ones', async () => {
    expect(await templates.holdsConversations(manifest(), { isInstalled: false, isPacked: false })).toBeUndefined();
    expect(await templates.holdsConversations(manifest(), HERE)).toBeUndefined();
    await keep('not JSON');
    expect(await templates.holdsConversations(manifest(), HERE)).toBeUndefined();
  });

  it('is not asked of models that write no text', async () => {
    const other = manifest({ task: 'feature-extraction', chatTemplate: '{{ messages }}' });
    expect(await templates.holdsConversations(other, HERE)).toBeUndefined();
  });
});
