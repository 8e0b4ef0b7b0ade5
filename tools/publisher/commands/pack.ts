import { shortRevision } from '../../../src/core/ids.ts';
import { variantBytes } from '../../../src/core/manifest.ts';
import { packFolder } from '../../models/packFolder.ts';
import { mebibytes } from '../../models/sizes.ts';
import type { Command } from '../command.ts';
import { DESCRIPTION_FILE, describe } from '../describe.ts';

/** The first release: what is packed without an option runs on every Sill. */
const FIRST_RUNTIME = '0.1.0';

export const packCommand: Command = {
  summary: 'make the manifest of a model folder in Hugging Face layout',
  usage: '<folder> [--minimum-runtime 0.1.0]',
  help: [
    ['--minimum-runtime 0.1.0', 'the oldest version of Sill that can run it'],
    [DESCRIPTION_FILE, 'in the folder: { "id": "tiny", "description": "...", "task": "text-generation", "parameters": 15000000,'],
    ['', '  "licence": { "spdx": "MIT" }, "provenance": { "source": "where it came from" } }'],
    ['', 'and anything else of a manifest; name, variants and the licence text follow from the files where it is silent.'],
  ],
  examples: ['npm run sill -- pack models/tiny'],
  options: { 'minimum-runtime': { type: 'string' } },
  takes: [1, 1],
  async run({ positionals, text }) {
    const [folder = ''] = positionals;
    const { manifest, revision } = await packFolder(folder, await describe(folder, text('minimum-runtime') ?? FIRST_RUNTIME));
    const variants = manifest.variants.map((variant) => ({ id: variant.id, sizeBytes: variantBytes(manifest, variant) }));
    return {
      data: { id: manifest.id, revision, files: manifest.files.length, variants },
      lines: [
        `${manifest.id} ${shortRevision(revision)}: ${variants.map(({ id, sizeBytes }) => `${id} ${mebibytes(sizeBytes)}`).join(', ')}`,
      ],
    };
  },
};
