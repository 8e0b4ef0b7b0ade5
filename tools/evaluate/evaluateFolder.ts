import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type EvaluationCase, parseSuite, wantedMeanings } from '../../src/core/evaluation.ts';
import { isVariantId, type VariantId } from '../../src/core/ids.ts';
import { canonicalManifest, type Manifest, parseManifest, type Variant, variantOf } from '../../src/core/manifest.ts';
import { matchesPattern } from '../../src/platform/linearRegex.ts';
import { checkSchema } from '../../src/platform/schemaCheck.ts';
import { type Embed, type Evaluated, type Judged, runSuite } from '../../src/services/evaluations/evaluate.ts';
import { sha256 } from '../digests.ts';
import { PublisherError } from '../publisher/publisherError.ts';
import { loadNodeEmbedder } from './nodeEmbedder.ts';
import { loadNodeModel } from './nodeModel.ts';

export interface EvaluateOptions {
  /** A folder that `pack` has looked at. */
  readonly folder: string;
  readonly variant?: string | undefined;
  /** Another suite than the one of the manifest. */
  readonly suite?: string | undefined;
  /** Folder of a packed model that embeds texts. */
  readonly embedder?: string | undefined;
  readonly onJudged?: (judged: Judged) => void;
}

export interface FolderEvaluation extends Evaluated {
  readonly manifest: Manifest;
  readonly revision: string;
  readonly variant: VariantId;
  readonly suite: { readonly digest: string; readonly text: string };
  readonly judged: readonly Judged[];
}

/** What of a Hugging Face configuration says how large the cache of a token is. */
const ConfigSchema = v.object({
  vocab_size: v.number(),
  hidden_size: v.number(),
  num_attention_heads: v.number(),
  num_key_value_heads: v.optional(v.number()),
  head_dim: v.optional(v.nullable(v.number())),
});

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/**
 * Asks a packed model its suite, by the runner of the app, over the app's own build of ONNX Runtime on one thread.
 * @throws PublisherError | SillError `invalid_manifest`
 */
export async function evaluateFolder({ folder, variant: wanted, suite, embedder, onJudged }: EvaluateOptions): Promise<FolderEvaluation> {
  const manifest = await manifestIn(folder);
  if (manifest.task !== 'text-generation') throw new PublisherError('invalid', `A suite asks for text, and ${manifest.id} writes none.`);
  const variant = variantIn(manifest, wanted);
  const path = suite ?? (manifest.evaluation === undefined ? undefined : join(folder, manifest.evaluation));
  if (path === undefined)
    throw new PublisherError('usage', `The manifest of ${manifest.id} names no suite ("evaluation"). Name one by --suite.`);
  const text = await read(path);
  const cases = parseSuite(text);
  const judged: Judged[] = [];
  const model = await loadNodeModel(folder, manifest, variant, await shapeOf(folder));
  const embed = await embedFor(cases, embedder);
  const evaluated = await runSuite(cases, (work) => work(model), {
    ...{ checks: { matches: matchesPattern, checkSchema }, clock, signal: new AbortController().signal, embed },
    onJudged: async (it) => {
      judged.push(it);
      onJudged?.(it);
    },
  });
  const revision = sha256(canonicalManifest(manifest));
  return { ...evaluated, manifest, revision, variant: variant.id, suite: { digest: sha256(text), text }, judged };
}

/** The suite with the likeliest tokens of this run as the reference of each `token-agreement`. */
export function withReferences({ suite, judged }: Pick<FolderEvaluation, 'suite' | 'judged'>): string {
  const byId = new Map(judged.map((it) => [it.asked.id, it]));
  return suite.text
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line;
      // It was read as a case a moment ago.
      const data = v.parse(v.looseObject({ id: v.string(), assert: v.array(v.looseObject({ type: v.string() })) }), JSON.parse(line));
      const it = byId.get(data.id);
      const assert = data.assert.map((each, i) => {
        const asked = it?.asked.assert[i];
        if (asked?.type !== 'token-agreement') return each;
        return { ...each, reference: it?.answer.texts?.get(asked.value ?? it.asked.prompt ?? '')?.top ?? [] };
      });
      return JSON.stringify({ ...data, assert });
    })
    .join('\n');
}

async function embedFor(cases: readonly EvaluationCase[], folder: string | undefined): Promise<Embed | undefined> {
  const comparing = cases.filter((it) => wantedMeanings(it).length > 0);
  if (comparing.length === 0) return undefined;
  if (folder === undefined) {
    throw new PublisherError(
      'usage',
      `The suite compares meanings (similar) in ${comparing.length} case${comparing.length === 1 ? '' : 's'}. Name the folder of a model that embeds texts by --embedder.`,
    );
  }
  const manifest = await manifestIn(folder);
  if (manifest.task !== 'feature-extraction') throw new PublisherError('usage', `${manifest.id} does not embed texts.`);
  return loadNodeEmbedder(folder, manifest, variantIn(manifest, undefined));
}

async function manifestIn(folder: string): Promise<Manifest> {
  return parseManifest(JSON.parse(await read(join(folder, 'manifest.json'), 'Pack the folder first: npm run sill -- pack <folder>.')));
}

/** By default the first for the processor: that is what its figures are of. */
function variantIn(manifest: Manifest, wanted: string | undefined): Variant {
  if (wanted !== undefined) {
    if (!isVariantId(wanted)) throw new PublisherError('usage', `"${wanted}" is not the name of a variant.`);
    return variantOf(manifest, wanted);
  }
  const delivered = manifest.variants.filter(({ madeFrom }) => madeFrom === undefined);
  const variant = delivered.find(({ device }) => device === 'wasm') ?? delivered[0];
  if (!variant)
    throw new PublisherError(
      'invalid',
      `All variants of ${manifest.id} are made of a GGUF file on the device. Import the file here first.`,
    );
  return variant;
}

async function shapeOf(folder: string) {
  const parsed = v.safeParse(ConfigSchema, JSON.parse(await read(join(folder, 'config.json'))));
  if (!parsed.success)
    throw new PublisherError('invalid', `config.json does not say how many heads the model has: ${parsed.issues[0].message}`);
  const { vocab_size: vocabulary, hidden_size, num_attention_heads, num_key_value_heads, head_dim } = parsed.output;
  return { heads: num_key_value_heads ?? num_attention_heads, headDim: head_dim ?? hidden_size / num_attention_heads, vocabulary };
}

async function read(path: string, advice = ''): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PublisherError('usage', `${path} cannot be read. ${advice}`.trim(), cause);
  }
}
