import type { Command } from './command.ts';
import { DEFAULT_PLACES } from './publisher.ts';
import { EXIT_CODES } from './publisherError.ts';

const WIDTH = 42;
const row = (name: string, words: string): string => `  ${name.padEnd(WIDTH)} ${words}`.trimEnd();

const EXITS = [
  row('0', 'done'),
  row(String(EXIT_CODES.failed), 'failed for another reason'),
  row(String(EXIT_CODES.usage), 'wrong use: an option, an argument, a value'),
  row(String(EXIT_CODES.invalid), 'the model or the catalog is not valid'),
  row(String(EXIT_CODES.keys), 'keys are missing, or the passphrase is wrong'),
  row(String(EXIT_CODES.locked), 'another publisher is at work'),
  row(String(EXIT_CODES.evaluation), 'an evaluation suite was not passed'),
];

const PLACES = [
  row(`--repo ${DEFAULT_PLACES.repo}`, 'the folder that is served'),
  row(`--keys ${DEFAULT_PLACES.keys}`, 'private keys; never served'),
  row(`--trust ${DEFAULT_PLACES.trust}`, 'what is built into the app'),
  row('--json', 'one line of JSON, for scripts'),
];

export function overview(commands: ReadonlyMap<string, Command>): string {
  const names = [...commands].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return [
    'Publishes models for Sill: npm run sill -- <command>',
    '',
    ...names,
    '',
    'For all commands:',
    ...PLACES,
    '',
    'Exit codes:',
    ...EXITS,
  ].join('\n');
}

export function commandHelp(name: string, { summary, usage, help, examples }: Command): string {
  const options = help.map(([option, words]) => row(option, words));
  const lines = [`${name}: ${summary}`, '', `  npm run sill -- ${name} ${usage}`.trimEnd(), ''];
  return [...lines, ...options, ...PLACES, '', 'Examples:', ...examples.map((example) => `  ${example}`), '', 'Exit codes:', ...EXITS].join(
    '\n',
  );
}
