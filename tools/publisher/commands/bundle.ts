import { shortRevision } from '../../../src/core/ids.ts';
import { mebibytes } from '../../models/sizes.ts';
import { writeBundle } from '../bundle.ts';
import { parseByteSize } from '../byteSize.ts';
import type { Command } from '../command.ts';
import { PublisherError } from '../publisherError.ts';

export const bundleCommand: Command = {
  summary: 'write models as a tar file for devices without a network',
  usage: '<id>[@revision] ... --out file.tar [--variants int8] [--volume-size 4GiB]',
  help: [
    ['<id>[@revision]', 'one model or several; the newest revision by default'],
    ['--out file.tar', 'what is written; with parts, file.part1.tar and so on'],
    ['--variants int8,q4-webgpu', 'only these, by name or dtype; all that devices may use by default'],
    ['--volume-size 4GiB', 'in parts of at most so much; 4GiB suits sticks with FAT32'],
  ],
  examples: [
    'npm run sill -- bundle stories15m --out stories.tar',
    'npm run sill -- bundle stories15m whisper-tiny@98a2d22fc8d6 --out /media/stick/models.tar --volume-size 4GiB',
    'npm run sill -- bundle stories15m --variants int8 --out stories.tar --json',
  ],
  options: { out: { type: 'string' }, variants: { type: 'string' }, 'volume-size': { type: 'string' } },
  takes: [1, 256],
  async run({ publisher, positionals, text }) {
    const out = text('out');
    if (!out) throw new PublisherError('usage', 'Say where to write it: --out file.tar');
    const volumeSize = text('volume-size');
    const variants = text('variants')?.split(',').filter(Boolean);
    const wishes = positionals.map((each) => {
      const [id = '', revision] = each.split('@');
      return { id, ...(revision ? { revision } : {}) };
    });
    const { files, models } = await writeBundle(publisher.repo, wishes, {
      out,
      ...(variants ? { variants } : {}),
      ...(volumeSize === undefined ? {} : { volumeBytes: parseByteSize(volumeSize) }),
    });
    return {
      data: { files, models: models.map(({ id, revision, variants: held }) => ({ id, revision, variants: held })) },
      lines: [
        ...models.map(({ id, revision, variants: held }) => `${id} ${shortRevision(revision)}: ${held.join(', ')}`),
        ...files.map(({ path, sizeBytes }) => `${path} ${mebibytes(sizeBytes)}`),
      ],
    };
  },
};
