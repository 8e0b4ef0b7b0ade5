import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeviceReport } from '../core/device.ts';
import { SillError } from '../core/errors.ts';
import { rankVariants } from '../core/fit.ts';
import { parseDigest, parseModelId, parseRevisionId, type RevisionId } from '../core/ids.ts';
import { canonicalManifest, chunksOf, type Manifest, type ManifestData, parseManifest, variantBytes } from '../core/manifest.ts';
import { createRandom } from '../core/random.ts';
import { diffRevisions } from '../core/revisionDiff.ts';
import { hostileText, mutated, mutatedText } from '../core/testing/mutations.ts';
import { PLAIN_REPORT } from '../core/testing/plainDevice.ts';
import { createMemoryStore } from './memoryStore.ts';

const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 2000);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
/** On any machine: what takes longer than this for one manifest of 2 kB hangs. */
const HANG_MS = 5_000;
const DEVICE: DeviceReport = { ...PLAIN_REPORT, storage: { persisted: false, available: true } };

const sha256 = (text: string) => parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);
const chunk = (name: string) => ({ digest: sha256(name), sizeBytes: name.length });
const file = (path: string, ...names: string[]) => ({ path, sizeBytes: names.join('').length, chunks: names.map(chunk) });

/** Every field that there is, so that every field is mutated. */
const WHOLE: ManifestData = {
  schema: 1,
  id: 'acme/tiny',
  name: 'Tiny',
  description: 'A model for tests: "naïve".',
  task: 'text-generation',
  languages: ['en', 'de-CH'],
  licence: { spdx: 'MIT', text: 'Permission is hereby granted …' },
  parameters: 15_000_000,
  contextLength: 256,
  dimensions: 384,
  files: [file('tokenizer.json', 'one'), file('onnx/model.onnx', 'two', 'three'), file('evaluation.jsonl', 'four')],
  variants: [
    {
      id: 'int8-wasm',
      dtype: 'int8',
      device: 'wasm',
      files: ['tokenizer.json', 'onnx/model.onnx'],
      needs: { memoryBytes: 100, features: ['shader-f16'], bufferBytes: 10 },
      reference: false,
    },
    { id: 'q4-webgpu', dtype: 'q4', device: 'webgpu', files: ['tokenizer.json'], needs: { memoryBytes: 50 } },
  ],
  generation: { bosTokenId: 1, eosTokenIds: [2], temperature: 0.8, topP: 0.9, topK: 40, repetitionPenalty: 1.1, maxTokens: 100 },
  chatTemplate: '{{ messages }}',
  sinkTokens: [1, 2],
  referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: 1.163, text: 'Once upon a time' }],
  evaluation: 'evaluation.jsonl',
  minimumRuntime: '0.1.0',
  provenance: { source: 'npm:tiny@1.0.0', integrity: 'sha512-AAAA', conversion: 'quantised' },
  notes: 'first',
  rollout: { percentage: 5 },
};

/** What becomes of the text of a manifest, as a device reads it; `undefined` where it is refused by code. */
function readManifest(text: string): { readonly manifest: Manifest; readonly revision: RevisionId } | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  try {
    const manifest = parseManifest(data);
    return { manifest, revision: parseRevisionId(sha256(canonicalManifest(manifest))) };
  } catch (reason) {
    if (reason instanceof SillError && reason.code === 'invalid_manifest') return undefined;
    throw reason;
  }
}

test(`${RUNS} mutated manifests are read or refused by code, mean one thing only, and harm nothing installed`, {
  timeout: 60_000 + 20 * RUNS,
}, async () => {
  const text = JSON.stringify(WHOLE);
  const whole = parseManifest(WHOLE);
  const random = createRandom(SEED);
  const store = createMemoryStore();
  const atMs = { startedAtMs: 1, licenceAcceptedAtMs: 1, state: 'running', by: 'person', rank: 0 } as const;
  const begin = async ({ manifest, revision }: { manifest: Manifest; revision: RevisionId }) => {
    const [variant] = manifest.variants;
    if (!variant) throw new Error('no variant');
    const entry = { modelId: parseModelId(manifest.id), revision, variant: variant.id, ...atMs };
    await store.models.beginInstall(entry, manifest);
    return entry;
  };
  const installed = { manifest: whole, revision: parseRevisionId(sha256(canonicalManifest(whole))) };
  const entry = await begin(installed);
  const [first] = whole.variants;
  if (!first) throw new Error('no variant');
  for (const { digest, sizeBytes } of chunksOf(whole, first)) await store.chunks.put(digest, new Blob([new Uint8Array(sizeBytes)]));
  await store.models.commitInstall(entry, 1);
  const held = JSON.stringify([await store.models.allSlots(), await store.chunks.list()]);
  const names = Object.getOwnPropertyNames(Object.prototype).join();

  let read = 0;
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const kind = random();
    const hostile =
      kind < 0.4 ? JSON.stringify(mutated(WHOLE, random)) : kind < 0.6 ? mutatedText(text, random) : hostileText(text, random);
    const label = `seed ${SEED}, run ${run}`;
    const startMs = performance.now();
    const result = readManifest(hostile);
    expect(performance.now() - startMs, label).toBeLessThan(HANG_MS);
    if (!result) {
      refused++;
      continue;
    }
    read++;
    const { manifest, revision } = result;
    // What is named by its digest is that and nothing else: the canonical text, read again, is the same model.
    const canonical = canonicalManifest(manifest);
    expect(canonicalManifest(parseManifest(JSON.parse(canonical))), label).toBe(canonical);
    expect(new TextDecoder().decode(new TextEncoder().encode(canonical)), label).toBe(canonical);
    for (const { path } of manifest.files) expect(new URL(path, 'https://host/m/').href, label).toMatch(/^https:\/\/host\/m\/[\w./-]+$/);
    for (const { sizeBytes, memoryBytes } of rankVariants(manifest, DEVICE)) {
      expect(Number.isSafeInteger(sizeBytes) && Number.isSafeInteger(memoryBytes), label).toBe(true);
    }
    for (const variant of manifest.variants) {
      expect(variantBytes(manifest, variant), label).toBeGreaterThan(0);
      expect(diffRevisions({ manifest: whole, variant: first.id }, { manifest, variant: variant.id }).fetchBytes, label).toBeGreaterThan(
        -1,
      );
    }
    if (revision === installed.revision) continue;
    // It may name chunks that an installed model has: begun and given up, it takes none of them along.
    await begin(result);
    await store.models.abandonInstall(revision);
    await store.models.collectGarbage();
  }
  expect(JSON.stringify([await store.models.allSlots(), await store.chunks.list()])).toBe(held);
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(names);
  expect(Math.min(read, refused)).toBeGreaterThan(RUNS / 20);
});
