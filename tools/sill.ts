/** The publisher's command line: `npm run sill -- <command>`. */
import { parseArgs } from 'node:util';
import { SillError } from '../src/core/errors.ts';
import type { Command } from './publisher/command.ts';
import { bundleCommand } from './publisher/commands/bundle.ts';
import { evaluateCommand } from './publisher/commands/evaluate.ts';
import { importCommand } from './publisher/commands/import.ts';
import { initCommand } from './publisher/commands/init.ts';
import { inspectCommand } from './publisher/commands/inspect.ts';
import { packCommand } from './publisher/commands/pack.ts';
import { pinCommand } from './publisher/commands/pin.ts';
import { publishCommand } from './publisher/commands/publish.ts';
import { renewCommand } from './publisher/commands/renew.ts';
import { rolloutCommand } from './publisher/commands/rollout.ts';
import { rotateCommand } from './publisher/commands/rotate.ts';
import { verifyCommand } from './publisher/commands/verify.ts';
import { withdrawCommand } from './publisher/commands/withdraw.ts';
import { commandHelp, overview } from './publisher/help.ts';
import { askPassphrase } from './publisher/passphrase.ts';
import { DEFAULT_PLACES } from './publisher/publisher.ts';
import { EXIT_CODES, PublisherError } from './publisher/publisherError.ts';

const COMMANDS = new Map<string, Command>(
  Object.entries({
    init: initCommand,
    import: importCommand,
    pack: packCommand,
    evaluate: evaluateCommand,
    publish: publishCommand,
    rollout: rolloutCommand,
    withdraw: withdrawCommand,
    rotate: rotateCommand,
    renew: renewCommand,
    verify: verifyCommand,
    bundle: bundleCommand,
    inspect: inspectCommand,
    pin: pinCommand,
  }),
);

const COMMON = {
  repo: { type: 'string' },
  keys: { type: 'string' },
  trust: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Names of the failures in `--json`, for faults that the page's own code finds. */
const exitCodeOf = (reason: unknown): number => {
  if (reason instanceof PublisherError) return EXIT_CODES[reason.failure];
  return reason instanceof SillError ? EXIT_CODES.invalid : EXIT_CODES.failed;
};

function parse(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...command.options, ...COMMON }, allowPositionals: true });
    const [least, most] = command.takes;
    const count = positionals.length;
    if (!values.help && (count < least || count > most))
      throw new TypeError(`It takes ${least} argument${least === 1 ? '' : 's'}, and got ${count}.`);
    return { values: new Map<string, unknown>(Object.entries(values)), positionals };
  } catch (cause) {
    // Node's own words for an unknown option or a missing value.
    throw new PublisherError('usage', cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function main([name = '', ...args]: readonly string[]): Promise<string> {
  const command = COMMANDS.get(name);
  if (!command) {
    if (['', 'help', '--help', '-h'].includes(name)) return overview(COMMANDS);
    throw new PublisherError('usage', `There is no command "${name}".\n\n${overview(COMMANDS)}`);
  }
  const { values, positionals } = parse(command, args);
  if (values.get('help')) return commandHelp(name, command);
  const text = (option: string): string | undefined => {
    const value = values.get(option);
    return typeof value === 'string' ? value : undefined;
  };
  const places = {
    repo: text('repo') ?? DEFAULT_PLACES.repo,
    keys: text('keys') ?? DEFAULT_PLACES.keys,
    trust: text('trust') ?? DEFAULT_PLACES.trust,
  };
  const publisher = { ...places, ask: askPassphrase(), now: Date.now };
  const { lines, data, failure } = await command.run({ publisher, positionals, text, flag: (option) => values.get(option) === true });
  if (failure) process.exitCode = EXIT_CODES[failure];
  return values.get('json') ? JSON.stringify(data) : lines.join('\n');
}

const args = process.argv.slice(2);
try {
  console.log(await main(args));
} catch (reason) {
  process.exitCode = exitCodeOf(reason);
  const known = reason instanceof PublisherError || reason instanceof SillError;
  if (args.includes('--json')) {
    const error = reason instanceof SillError ? reason.toData() : { message: reason instanceof Error ? reason.message : String(reason) };
    console.log(JSON.stringify({ error, exitCode: process.exitCode }));
  } else console.error(known ? reason.message : reason);
}
