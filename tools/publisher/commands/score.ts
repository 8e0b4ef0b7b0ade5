import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../../src/core/importGate.ts';
import type { Command } from '../command.ts';
import { DESCRIPTION_FILE, describe, pathsUnder, withDelivered } from '../describe.ts';
import { PublisherError } from '../publisherError.ts';

const DescriptionSchema = v.looseObject({
  referenceScores: v.optional(v.array(v.looseObject({ metric: v.optional(v.unknown()), text: v.optional(v.unknown()) }))),
});

export const scoreCommand: Command = {
  summary:
    'work out what the weights of a GGUF file foretell a text with, and which of its tokens harm others, which spares each device that',
  usage: '<folder>',
  help: [
    ['<folder>', `of a model that is delivered as GGUF, with its ${DESCRIPTION_FILE}; what is found is written there`],
    ['', 'Takes four bytes of disk and of memory for each weight while it works.'],
  ],
  examples: ['npm run sill -- score models/tiny', 'npm run sill -- pack models/tiny'],
  options: {},
  takes: [1, 1],
  async run({ positionals }) {
    const [folder = ''] = positionals;
    // It says what is missing, as it will when the folder is packed.
    const { variants } = await describe(folder, '0.1.0');
    // With the runtime, which no other command waits for.
    const { referenceScore } = await import('../../import/referenceScore.ts');
    const { deliveredSinks } = await import('../../import/deliveredSinks.ts');
    const beside = dirname(resolve(folder));
    const found = await withDelivered(folder, await pathsUnder(folder), async (gguf) => ({
      score: await referenceScore(gguf, beside),
      sinkTokens: await deliveredSinks(gguf, beside),
    }));
    if (!found)
      throw new PublisherError(
        'usage',
        `${folder} holds no GGUF file that is delivered as it is. What import made of one was compared there.`,
      );
    const { score, sinkTokens } = found;
    const sinks = sinkTokens ? { sinkTokens } : {};
    const path = join(folder, DESCRIPTION_FILE);
    const description = v.parse(DescriptionSchema, JSON.parse(await readFile(path, 'utf8')));
    const others = (description.referenceScores ?? []).filter(({ metric, text }) => metric !== 'nll' || text !== IMPORT_TEXT);
    const stated = variants.map(({ id }) => ({ variant: id, metric: 'nll', value: score.nll, text: IMPORT_TEXT }));
    await writeFile(path, `${JSON.stringify({ ...description, ...sinks, referenceScores: [...others, ...stated] }, undefined, 1)}\n`);
    return {
      data: { file: path, ...score, ...sinks, variants: variants.map(({ id }) => id) },
      lines: [
        `The weights as they are foretell ${score.tokens} tokens with ${score.nll.toFixed(3)} nats each: written to ${path}`,
        ...(sinkTokens ? [`Its 8-bit form is cut around the tokens ${sinkTokens.join(', ')}: written there, too`] : []),
        'Next:',
        `  npm run sill -- pack ${folder}`,
      ],
    };
  },
};
