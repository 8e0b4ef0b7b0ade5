import { openAsBlob } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerGrammar } from '../src/core/grammar/answerGrammar.ts';
import { createRandom } from '../src/core/random.ts';
import { createMatching } from '../src/runtime/grammarMatching.ts';
import { ModelFiles } from '../src/runtime/modelFiles.ts';
import { loadXGrammar } from '../src/runtime/testing/xgrammar.ts';
import { loadTokenizer } from '../src/runtime/tokenizer.ts';

/**
 * What it costs to hold an answer to a form, with a vocabulary of 32,000: `npx tsx bench/grammars.ts <folder with tokenizer.json>`. Times are of the processor,
 * so that a busy machine tells the same. In the app both happen in a worker beside the model's.
 */
const VOCABULARY = 32_000;
const END = 2;
const TOKENS = 300;

const FIELDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const object = (value: object) => ({
  type: 'object',
  properties: Object.fromEntries(FIELDS.map((name) => [name, value])),
  required: FIELDS,
  additionalProperties: false,
});
const FORMS: Readonly<Record<string, Parameters<typeof answerGrammar>[0]>> = {
  'any JSON object': { format: { kind: 'object' } },
  'six strings': { format: { kind: 'schema', schema: object({ type: 'string' }) } },
  'six strings of up to 200 characters': { format: { kind: 'schema', schema: object({ type: 'string', maxLength: 200 }) } },
  'six integers': { format: { kind: 'schema', schema: object({ type: 'integer', minimum: 0, maximum: 2000 }) } },
  'six dates': { format: { kind: 'schema', schema: object({ type: 'string', format: 'date-time' }) } },
  'a list of objects': {
    format: { kind: 'schema', schema: { type: 'array', items: object({ enum: ['red', 'green', 'blue'] }), maxItems: 50 } },
  },
  'a tool that may be called': {
    use: { tools: [{ name: 'find', parameters: object({ type: 'string' }) }], choice: 'auto', isParallel: true },
  },
};

const processorMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
async function timed<T>(work: () => Promise<T>): Promise<readonly [result: T, spentMs: number]> {
  const startMs = processorMs();
  const result = await work();
  return [result, processorMs() - startMs];
}

const folder = resolve(process.argv[2] ?? '.');
const names = ['tokenizer.json', 'tokenizer_config.json'];
const files = await Promise.all(names.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })));
const tokenizer = await loadTokenizer(new ModelFiles('bench', files));
const [matching, openMs] = await timed(() =>
  createMatching(loadXGrammar(), { tokens: tokenizer.letters(VOCABULARY), stopTokenIds: [END] }),
);
console.log(`the vocabulary, once: ${openMs.toFixed(0)} ms`);

for (const [name, form] of Object.entries(FORMS)) {
  const grammar = answerGrammar(form) ?? '';
  const [begun, compileMs] = await timed(() => matching.start(grammar, []));
  const random = createRandom(1);
  const spent: number[] = [];
  let { matcher, allowed } = begun;
  while (spent.length < TOKENS) {
    const ids = Array.from({ length: VOCABULARY }, (_, id) => id).filter(
      (id) => ((allowed.mask[id >> 5] ?? 0) >>> (id & 31)) & 1 && id !== END,
    );
    const id = ids[Math.floor(random() * ids.length)];
    if (id === undefined) {
      matching.end(matcher);
      ({ matcher, allowed } = await matching.start(grammar, []));
      continue;
    }
    const [next, ms] = await timed(() => matching.accept(matcher, [id]));
    allowed = next;
    spent.push(ms);
  }
  matching.end(matcher);
  spent.sort((a, b) => a - b);
  const mean = spent.reduce((sum, ms) => sum + ms, 0) / spent.length;
  const at = (share: number) => (spent[Math.floor(spent.length * share)] ?? 0).toFixed(2);
  console.log(
    `${name.padEnd(38)} compiled in ${compileMs.toFixed(0).padStart(4)} ms; a token ${mean.toFixed(2)} ms, median ${at(0.5)}, 95 of 100 within ${at(0.95)}, most ${at(0.999)}`,
  );
}
