import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { WrittenType } from '../../../src/forge/gguf/quantizeTensor.ts';
import { unlessCode } from '../../models/errno.ts';
import { mebibytes } from '../../models/sizes.ts';
import { settle, withStaging } from '../../models/staging.ts';
import type { Command } from '../command.ts';
import { PublisherError } from '../publisherError.ts';

const TYPES: ReadonlyMap<string, WrittenType> = new Map((['F32', 'F16', 'Q8_0', 'Q4_0'] as const).map((type) => [type, type]));

export const quantizeCommand: Command = {
  summary: 'write a GGUF file with its weights in another type, for llama.cpp and wllama as well',
  usage: '<file.gguf> --type Q8_0 [--out file.Q8_0.gguf]',
  help: [
    ['--type Q8_0', `of its matrices: ${[...TYPES.keys()].join(', ')}; what is of that type already is copied`],
    ['--out file.gguf', 'the file to write; one that is there is not replaced'],
    ['', 'Of a split file name any part: what is written is one file.'],
  ],
  examples: ['npm run sill -- quantize tiny.F16.gguf --type Q8_0'],
  options: { type: { type: 'string' }, out: { type: 'string' } },
  takes: [1, 1],
  async run({ positionals, text }) {
    const [path = ''] = positionals;
    const type = TYPES.get(text('type')?.toUpperCase() ?? '');
    if (!type) throw new PublisherError('usage', `Say by --type what its weights are to be: ${[...TYPES.keys()].join(', ')}.`);
    const out = text('out') ?? join(dirname(path), `${stemOf(basename(path))}.${type}.gguf`);
    if (await stat(out).catch(unlessCode('ENOENT'))) throw new PublisherError('usage', `${out} is there. Name another file by --out.`);
    // Which no other command waits for.
    const [{ requantizedGguf }, { writeGguf }, { withGguf }, { writeAll }] = await Promise.all([
      import('../../../src/forge/gguf/requantizeGguf.ts'),
      import('../../../src/forge/gguf/writeGguf.ts'),
      import('../../import/openGguf.ts'),
      import('../../import/writeGraph.ts'),
    ]);
    await withGguf(path, (gguf) =>
      withStaging(dirname(out), async (staging) => {
        const whole = join(staging, basename(out));
        const target = openSync(whole, 'w');
        try {
          writeGguf(requantizedGguf(gguf, type), (bytes) => writeAll(target, bytes));
        } finally {
          closeSync(target);
        }
        await settle(whole, out);
      }),
    );
    const { size } = await stat(out);
    return {
      data: { file: out, type, sizeBytes: size },
      lines: [`Written to ${out}: ${mebibytes(size)} in ${type}`, 'Next:', `  npm run sill -- import ${out}`],
    };
  },
};

/** `tiny.F16.gguf` or a part of it: `tiny`. */
const stemOf = (file: string): string => file.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '').replace(/[.-](F32|F16|BF16|I?Q\d\w*)$/i, '');
