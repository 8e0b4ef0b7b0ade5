import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { ChatTemplateSchema, chatTemplateOf } from '../../src/core/chatTemplate.ts';
import { isLicenceFile, variantsOfFolder } from '../../src/core/modelFolder.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import { unlessCode } from '../models/errno.ts';
import type { About } from '../models/packFolder.ts';
import { PublisherError } from './publisherError.ts';

export const DESCRIPTION_FILE = 'sill.json';

/** What the publisher writes by hand; everything else of a manifest may stand there too, and is then taken as it is. */
const DescriptionSchema = v.looseObject({
  id: v.string(),
  description: v.string(),
  task: v.string(),
  /** A GGUF file says it itself. */
  parameters: v.optional(v.number()),
  licence: v.looseObject({ spdx: v.string(), text: v.optional(v.string()) }),
  provenance: v.looseObject({ source: v.string() }),
});

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
  const licenceFile = paths.find(isLicenceFile);
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
    ...(given.variants ? {} : await fromFiles(folder, paths)),
    ...(given.task === 'text-generation' ? await chatTemplateIn(folder, paths) : {}),
    ...given,
    licence: { spdx: given.licence.spdx, text: licenceText },
  };
  if (!('parameters' in filled) || filled.parameters === undefined)
    throw new PublisherError('invalid', `${join(folder, DESCRIPTION_FILE)} does not say how many "parameters" the model has.`);
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

/** What follows from the files: the variants, and of a GGUF file alone all that it says about the model. */
async function fromFiles(folder: string, paths: readonly string[]): Promise<Partial<About>> {
  const delivered = await withDelivered(folder, paths, async (file, parts) => {
    const { deliveredGguf } = await import('../import/deliveredGguf.ts');
    return deliveredGguf(
      file,
      parts.map((part) => basename(part)),
    );
  });
  return delivered ?? { variants: await variantsOf(folder, paths) };
}

/** Opens the GGUF file that a folder delivers as it is, with all its parts; undefined where it holds forms that run, or none. */
export async function withDelivered<T>(
  folder: string,
  paths: readonly string[],
  use: (gguf: Gguf, parts: readonly string[]) => Promise<T>,
): Promise<T | undefined> {
  const [gguf, ...others] = paths.filter((path) => /^[^/]+\.gguf$/i.test(path));
  if (gguf === undefined || paths.some((path) => path.endsWith('.onnx'))) return undefined;
  // What reads such files is large, and most commands meet none.
  const { withGguf } = await import('../import/openGguf.ts');
  return withGguf(join(folder, gguf), async (file, parts) => {
    if (parts.length !== others.length + 1)
      throw new PublisherError('invalid', `${folder} has several GGUF files, which are not the parts of one. Leave one of them.`);
    return use(file, parts);
  });
}

const TokenizerConfigSchema = v.looseObject({ chat_template: ChatTemplateSchema });

/** Said in the manifest, so that a device knows before it has any file whether the model holds conversations. */
async function chatTemplateIn(folder: string, paths: readonly string[]): Promise<Pick<About, 'chatTemplate'>> {
  if (!paths.includes('tokenizer_config.json')) return {};
  const path = join(folder, 'tokenizer_config.json');
  try {
    const chatTemplate = chatTemplateOf(v.parse(TokenizerConfigSchema, JSON.parse(await readFile(path, 'utf8'))).chat_template);
    return chatTemplate ? { chatTemplate } : {};
  } catch (cause) {
    throw new PublisherError('invalid', `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}.`, cause);
  }
}

async function variantsOf(folder: string, paths: readonly string[]): Promise<About['variants']> {
  const names = paths.filter((path) => path !== DESCRIPTION_FILE && path !== 'manifest.json');
  const files = await Promise.all(names.map(async (path) => ({ path, sizeBytes: (await stat(join(folder, path))).size })));
  const variants = variantsOfFolder(files);
  if (variants.length === 0) throw new PublisherError('invalid', `${folder} has no .onnx file, in itself or in onnx/.`);
  return variants;
}

export async function pathsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'));
}
