import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isModelId } from '../../../src/core/ids.ts';
import { integrityOf } from '../../../src/core/importing.ts';
import { type MatrixError, RECIPE } from '../../../src/core/making.ts';
import { recipeOf } from '../../../src/core/widening.ts';
import { sha256File } from '../../digests.ts';
import type { FormQuality } from '../../import/gateForm.ts';
import type { Imported, ImportedDtype } from '../../import/importGguf.ts';
import { unlessCode } from '../../models/errno.ts';
import { mebibytes } from '../../models/sizes.ts';
import type { Command } from '../command.ts';
import { DESCRIPTION_FILE } from '../describe.ts';
import { PublisherError } from '../publisherError.ts';

const FORMS: ReadonlyMap<string, ImportedDtype> = new Map([
  ['int8', 'int8'],
  ['q4', 'q4'],
  ['fp16', 'fp16'],
]);

export const importCommand: Command = {
  summary: 'make a model folder from a GGUF file, in the forms that are fast in Sill',
  usage: '<file.gguf> [--out models/name]',
  help: [
    ['--out models/name', 'the folder to write; it is replaced if it holds an import already'],
    ['--id name', 'what the model is called in the catalog; else the name of the folder'],
    [
      '--forms int8,q4,fp16',
      'int8 for WebAssembly, q4 for WebGPU, fp16 for the best quality there; else int8 and q4, and fp16 where q4 loses too much',
    ],
    ['--unchecked', 'take the forms as they come: without it each is held against 8-bit blocks of the same weights'],
    ['--licence MIT', 'the SPDX id, where the file does not name it'],
    ['--licence-file LICENSE', 'its text, which people accept before they install'],
    ['', 'Of a split file name any part: the others are found beside it.'],
  ],
  examples: ['npm run sill -- import tiny.Q8_0.gguf --out models/tiny --licence-file LICENSE', 'npm run sill -- pack models/tiny'],
  options: {
    out: { type: 'string' },
    id: { type: 'string' },
    forms: { type: 'string' },
    unchecked: { type: 'boolean' },
    licence: { type: 'string' },
    'licence-file': { type: 'string' },
  },
  takes: [1, 1],
  async run({ positionals, text, flag }) {
    const [path = ''] = positionals;
    const out = text('out') ?? join('models', plainName(basename(path)));
    const id = text('id') ?? plainName(basename(out));
    if (!isModelId(id)) throw new PublisherError('usage', `"${id}" cannot be the name of a model. Say another one by --id.`);
    const dtypes = formsOf(text('forms') ?? 'int8,q4');
    await refuseForeign(out);
    // The forge and the runtime, which no other command waits for.
    const [{ importGguf }, { partsOf }] = await Promise.all([import('../../import/importGguf.ts'), import('../../import/openGguf.ts')]);
    const imported = await importGguf(path, out, { dtypes, check: !flag('unchecked'), onProgress: progress() });
    const licenceFile = text('licence-file');
    if (licenceFile !== undefined) await copyFile(licenceFile, join(out, 'LICENSE'));
    const { name = id, licence = 'LicenseRef-unknown', architecture, types, made, errors, quality, evened, refused, ...about } = imported;
    const quantised = Object.entries(types).map(([type, count]) => `${count} tensors in ${type}`);
    const description = {
      id,
      name,
      description: `${name}, imported from ${basename(path)}.`,
      task: 'text-generation',
      ...about,
      licence: { spdx: text('licence') ?? licence },
      provenance: {
        source: `file:${basename(path)}`,
        integrity: integrityOf(await Promise.all((await partsOf(path)).map(sha256File))),
        conversion: `From GGUF (${architecture}; ${quantised.join(', ')}) to ${madeWords(made, quality, evened)}.`.slice(0, 500),
      },
    };
    await writeFile(join(out, DESCRIPTION_FILE), `${JSON.stringify(description, undefined, 1)}\n`);
    const { parameters, variants } = imported;
    const sizes = variants.map((variant) => `${variant.id} (needs ${mebibytes(variant.needs.memoryBytes)} of memory)`);
    return {
      data: { id, folder: out, architecture, parameters, types, errors, quality, refused, variants: variants.map((variant) => variant.id) },
      lines: [
        `${name}: ${architecture}, ${parameters} parameters; ${quantised.join(', ')}`,
        `Written to ${out}: ${sizes.join(', ')}`,
        ...Object.entries(quality).flatMap(([form, each]) => qualityLines(form, each)),
        ...Object.entries(refused).map(([form, why]) => `${form} was left out. ${why}`),
        ...Object.entries(errors).map(([form, each]) => `${form} is furthest from the file in ${worstOf(each)}`),
        licenceFile === undefined ? `Next: put the licence's text into ${join(out, 'LICENSE')}, then` : 'Next:',
        `  npm run sill -- pack ${out}`,
      ],
    };
  },
};

/** `tinyllama-1.1b.Q4_0.gguf` or a part of it: `tinyllama-1.1b.Q4_0`. */
const plainName = (file: string): string => file.replace(/(-\d{5}-of-\d{5})?\.gguf$/, '');

function formsOf(list: string): ImportedDtype[] {
  return list.split(',').map((name) => {
    const form = FORMS.get(name);
    if (form === undefined) throw new PublisherError('usage', `There is no form "${name}". There are: ${[...FORMS.keys()].join(', ')}.`);
    return form;
  });
}

/** An import replaces its folder: one that holds anything else is not touched. */
async function refuseForeign(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(unlessCode('ENOENT'))) ?? [];
  if (names.length === 0 || names.includes(DESCRIPTION_FILE)) return;
  throw new PublisherError('usage', `${folder} is there and holds no imported model. Choose another folder by --out.`);
}

/** "int8 (gguf-6 evened wider:model.layers.0.mlp.down_proj) and q4 (gguf-6)". */
const madeWords = (dtypes: readonly ImportedDtype[], quality: Imported['quality'], evened: readonly ImportedDtype[]): string =>
  dtypes.map((dtype) => `${dtype} (${recipeOf(RECIPE, quality[dtype]?.wider, evened.includes(dtype))})`).join(' and ');

function qualityLines(form: string, { scores, wider, tries }: FormQuality): string[] {
  const { reference, measured, bound } = scores;
  const nats = (value: number): string => value.toFixed(3);
  return [
    `${form} foretells a text with ${nats(measured)} nats a token, 8-bit blocks of the same weights with ${nats(reference)}; ${bound} more are accepted`,
    ...(wider.length > 0
      ? [
          `  ${wider.join(', ')} ${wider.length === 1 ? 'is' : 'are'} kept in more bits` +
            (tries.length > 0
              ? `: before it needed ${tries.map((each) => nats(each.measured)).join(', then ')}`
              : ', much worse than the others'),
        ]
      : []),
  ];
}

const WORST = 3;

/** The matrices with the largest errors, as a share of their own size; all are in `--json`. */
const worstOf = (errors: readonly MatrixError[]): string =>
  [...errors]
    .sort((a, b) => b.error - a.error)
    .slice(0, WORST)
    .map(({ name, error }) => `${name} (${(100 * error).toFixed(2)} %)`)
    .join(', ');

/** A line for each tenth, aside from what scripts read. */
function progress(): (dtype: ImportedDtype, fraction: number) => void {
  let last = '';
  return (dtype, fraction) => {
    const line = `${dtype} ${Math.min(100, Math.floor(fraction * 10) * 10)} %`;
    if (line !== last) process.stderr.write(`  ${line}\n`);
    last = line;
  };
}
