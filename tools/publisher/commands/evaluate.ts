import { writeFile } from 'node:fs/promises';
import { bitsPerByteOf, perplexityOf } from '../../../src/core/assertions.ts';
import { counted } from '../../../src/core/counted.ts';
import { addScores } from '../../../src/core/evaluationRun.ts';
import type { Command } from '../command.ts';

const shortRevision = (revision: string): string => revision.replace('sha256:', '').slice(0, 12);

export const evaluateCommand: Command = {
  summary: 'ask a packed model its evaluation suite, as a device does before it takes an update',
  usage: '<folder> [--variant int8-wasm] [--suite <file>] [--embedder <folder>] [--record <file>]',
  help: [
    ['--variant', 'which one; by default the first for the processor'],
    ['--suite', 'JSON Lines, in place of the suite that the manifest names'],
    ['--embedder', 'folder of a packed model that embeds texts, for suites that compare meanings (similar)'],
    ['--record', 'write the suite with the likeliest tokens of this variant as the reference of each token-agreement'],
  ],
  examples: [
    'npm run sill -- evaluate models/tiny',
    'npm run sill -- evaluate models/tiny --variant fp32-wasm --suite suite.jsonl --record models/tiny/evaluation.jsonl',
  ],
  options: { variant: { type: 'string' }, suite: { type: 'string' }, embedder: { type: 'string' }, record: { type: 'string' } },
  takes: [1, 1],
  async run({ positionals, text }) {
    const [folder = ''] = positionals;
    // With the runtime, which no other command waits for.
    const { evaluateFolder, withReferences } = await import('../../evaluate/evaluateFolder.ts');
    const result = await evaluateFolder({ folder, variant: text('variant'), suite: text('suite'), embedder: text('embedder') });
    const { manifest, revision, variant, cases, judged, pass, score } = result;
    const record = text('record');
    if (record !== undefined) await writeFile(record, withReferences(result));
    const texts = addScores(
      undefined,
      judged.flatMap(({ answer }) => [...(answer.texts?.values() ?? [])]),
    );
    const figures = texts ? { perplexity: perplexityOf(texts), bitsPerByte: bitsPerByteOf(texts) } : {};
    const passed = cases.filter((it) => it.pass).length;
    const lines = [
      `${manifest.id} ${shortRevision(revision)} ${variant}: ${passed} of ${counted(cases.length, 'case')} passed, score ${score.toFixed(2)}`,
      ...(texts
        ? [`perplexity ${perplexityOf(texts).toFixed(3)}, ${bitsPerByteOf(texts).toFixed(3)} bits per byte over ${texts.tokens} tokens`]
        : []),
      ...cases.flatMap((it) => [
        `${it.pass ? 'pass' : 'FAIL'}  ${it.id}  ${it.score.toFixed(2)}`,
        ...it.asserts.filter((each) => !each.pass || each.skipped).map((each) => `      ${each.type}: ${each.reason}`),
      ]),
      ...(record === undefined ? [] : [`The suite with its references lies in ${record}.`]),
    ];
    return {
      lines,
      data: { id: manifest.id, revision, variant, suite: result.suite.digest, pass, score, passed, ...figures, cases },
      ...(pass ? {} : { failure: 'evaluation' }),
    };
  },
};
