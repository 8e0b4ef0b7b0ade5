import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { DTYPES, type Dtype } from '../../src/core/manifest.ts';
import { unlessCode } from '../models/errno.ts';
import type { About } from '../models/packFolder.ts';
import { PublisherError } from './publisherError.ts';

export const DESCRIPTION_FILE = 'sill.json';

/** What the publisher writes by hand; everything else of a manifest may stand there too, and is then taken as it is. */
const DescriptionSchema = v.looseObject({
  id: v.string(),
  description: v.string(),
  task: v.string(),
  parameters: v.number(),
  licence: v.looseObject({ spdx: v.string(), text: v.optional(v.string()) }),
  provenance: v.looseObject({ source: v.string() }),
});

/** Suffixes of files in Hugging Face's ONNX layout. */
const SUFFIXES: Readonly<Record<string, Dtype>> = { quantized: 'q8', ...Object.fromEntries(DTYPES.map((dtype) => [dtype, dtype])) };
/** On WASM 4-bit weights are unpacked at each step and 16-bit floats are not native. */
const ON_GPU: readonly Dtype[] = ['q4', 'q4f16', 'fp16'];
const SHARED = /^[^/]+\.(json|txt|jinja|model|spm)$/;
const LICENCE = /^(licen[cs]e|copying)(\.(md|txt))?$/i;
/** Weights, the runtime's copy of them, and room for the runtime and its cache. */
const MEMORY_FACTOR = 2;
const MEMORY_BASE_BYTES = 64 * 1024 * 1024;

/**
 * What is said of a model in a folder of Hugging Face's layout: `sill.json`, filled up with what follows from its files.
 * @throws PublisherError `invalid` where something is missing that cannot be guessed
 */
export async function describe(folder: string, minimumRuntime: string): Promise<About> {
  const text = await readFile(join(folder, DESCRIPTION_FILE), 'utf8').catch(unlessCode('ENOENT', 'ENOTDIR'));
  if (text === undefined) {
    throw new PublisherError(
      'invalid',
      `${folder} has no ${DESCRIPTION_FILE}, which says what the model is. See npm run sill -- pack --help.`,
    );
  }
  const paths = await pathsUnder(folder);
  const given = parseDescription(text, join(folder, DESCRIPTION_FILE));
  const licenceFile = paths.find((path) => LICENCE.test(path));
  const licenceText = given.licence.text ?? (licenceFile && (await readFile(join(folder, licenceFile), 'utf8')));
  if (!licenceText)
    throw new PublisherError(
      'invalid',
      `${folder} has no LICENSE file, and ${DESCRIPTION_FILE} no licence.text. People accept it before they install.`,
    );
  const filled = {
    name: given.id,
    languages: [],
    minimumRuntime,
    variants: await variantsOf(folder, paths),
    ...given,
    licence: { spdx: given.licence.spdx, text: licenceText },
  };
  return v.parse(AboutSchema, filled);
}

/** `packFolder` parses the manifest that comes of it, so that this only has to name the type. */
const AboutSchema = v.custom<About>((data) => typeof data === 'object' && data !== null);

function parseDescription(text: string, path: string): v.InferOutput<typeof DescriptionSchema> {
  try {
    return v.parse(DescriptionSchema, JSON.parse(text));
  } catch (cause) {
    const where = v.isValiError(cause) ? ` (at ${v.getDotPath(cause.issues[0]) ?? 'the top level'})` : '';
    throw new PublisherError('invalid', `${path} cannot be used: ${cause instanceof Error ? cause.message : cause}${where}.`, cause);
  }
}

async function variantsOf(folder: string, paths: readonly string[]): Promise<About['variants']> {
  const shared = paths.filter((path) => SHARED.test(path) && path !== DESCRIPTION_FILE && path !== 'manifest.json');
  const groups = new Map<Dtype, string[]>();
  for (const path of paths) {
    const [, name] = /^(?:onnx\/)?([^/]+)\.onnx(?:_data(?:_\d+)?)?$/.exec(path) ?? [];
    if (name === undefined) continue;
    const dtype = SUFFIXES[/_([a-z0-9]+)$/.exec(name)?.[1] ?? ''] ?? 'fp32';
    groups.set(dtype, [...(groups.get(dtype) ?? []), path]);
  }
  if (groups.size === 0) throw new PublisherError('invalid', `${folder} has no .onnx file, in itself or in onnx/.`);
  return Promise.all(
    [...groups].map(async ([dtype, weights]) => {
      const sizes = await Promise.all(weights.map(async (path) => (await stat(join(folder, path))).size));
      const device = ON_GPU.includes(dtype) ? ('webgpu' as const) : ('wasm' as const);
      const memoryBytes = MEMORY_BASE_BYTES + MEMORY_FACTOR * sizes.reduce((a, b) => a + b, 0);
      return { id: `${dtype}-${device}`, dtype, device, files: [...shared, ...weights].sort(), needs: { memoryBytes } };
    }),
  );
}

async function pathsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'));
}
