import type { HubDescription } from '../../core/hubModel.ts';
import { type Digest, parseDigest, parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import type { AdoptionEntry, JournalEntry } from '../../core/journal.ts';
import { type Manifest, parseManifest } from '../../core/manifest.ts';
import type { DerivedModel } from '../../core/modelfile/derivedModel.ts';
import type { Store } from '../../ports/store.ts';

/** A digest that looks like one: the store never hashes. */
export const digestOf = (letter: string): Digest => parseDigest(`sha256:${letter.repeat(64)}`);
export const A = digestOf('a');
export const B = digestOf('b');
export const C = digestOf('c');
export const REVISION_1 = parseRevisionId(digestOf('1'));
export const REVISION_2 = parseRevisionId(digestOf('2'));
export const SMALL = parseVariantId('int8-wasm');
export const LARGE = parseVariantId('q4-webgpu');
export const MODEL = parseModelId('acme/tiny');

export const DESCRIPTION: HubDescription = {
  id: MODEL,
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: ['en'],
  licence: { spdx: 'MIT', text: 'MIT' },
  parameters: 1,
  variants: [
    { id: SMALL, dtype: 'int8', device: 'wasm', files: ['tokenizer.json', 'int8.onnx'], needs: { memoryBytes: 1 } },
    { id: LARGE, dtype: 'q4', device: 'webgpu', files: ['tokenizer.json', 'q4.onnx'], needs: { memoryBytes: 1 } },
  ],
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
};

/** Variant `int8-wasm` needs chunks `shared` and A, `q4-webgpu` `shared` and C. */
export const manifestWith = (shared: Digest): Manifest =>
  parseManifest({
    schema: 1,
    ...DESCRIPTION,
    files: [
      { path: 'tokenizer.json', sizeBytes: 2, chunks: [{ digest: shared, sizeBytes: 2 }] },
      { path: 'int8.onnx', sizeBytes: 1, chunks: [{ digest: A, sizeBytes: 1 }] },
      { path: 'q4.onnx', sizeBytes: 3, chunks: [{ digest: C, sizeBytes: 3 }] },
    ],
  });

export const entryOf = (revision = REVISION_1, variant = SMALL): JournalEntry => ({
  modelId: MODEL,
  revision,
  variant,
  startedAtMs: 1,
  licenceAcceptedAtMs: 2,
  state: 'running',
  by: 'person',
  rank: 0,
});

/** A model made of others, as a person's Modelfile says. */
export const derivedModel = (id: string, modelfile: string): DerivedModel => ({
  id: parseModelId(id),
  modelfile,
  createdAtMs: 1,
  changedAtMs: 1,
  about: {
    ...{ name: 'Tiny', task: 'text-generation', parameters: 1, languages: ['en'], licence: { spdx: 'MIT', text: 'MIT' } },
    ...{ provenance: 'test', revision: REVISION_1 },
  },
});

/** A first download from a hub, of which these chunks are noted. */
export const adoptionOf = (digests: readonly Digest[]): AdoptionEntry => {
  const chunks = digests.map((digest) => ({ digest, sizeBytes: 1 }));
  return {
    ...entryOf(),
    adoption: {
      url: 'https://hub.example/',
      commit: 'c0ffee',
      description: DESCRIPTION,
      files: [{ path: 'int8.onnx', sizeBytes: 9, chunks }],
    },
  };
};

export const blobOf = (sizeBytes: number, fill = 7): Blob => new Blob([new Uint8Array(sizeBytes).fill(fill)]);
export const bytesOf = async (blob: Blob | undefined): Promise<number[]> => (blob ? [...new Uint8Array(await blob.arrayBuffer())] : []);

/** Installs it with these chunks. */
export async function install(store: Store, entry: JournalEntry, manifest: Manifest, digests: readonly Digest[]): Promise<void> {
  await store.models.beginInstall(entry, manifest);
  for (const digest of digests) await store.chunks.put(digest, blobOf(digest === A ? 1 : digest === C ? 3 : 2));
  await store.models.commitInstall(entry, 10);
}
