/** The publisher's command line: `npm run sill -- <command>`. */
import { SillError } from '../src/core/errors.ts';
import { COMMANDS, parseCommand } from './publisher/commandTable.ts';
import { commandHelp, overview } from './publisher/help.ts';
import { askPassphrase } from './publisher/passphrase.ts';
import { DEFAULT_PLACES } from './publisher/publisher.ts';
import { EXIT_CODES, PublisherError } from './publisher/publisherError.ts';

/** Names of the failures in `--json`, for faults that the page's own code finds. */
const exitCodeOf = (reason: unknown): number => {
  if (reason instanceof PublisherError) return EXIT_CODES[reason.failure];
  return reason instanceof SillError ? EXIT_CODES.invalid : EXIT_CODES.failed;
};

async function main([name = '', ...args]: readonly string[]): Promise<string> {
  const command = COMMANDS.get(name);
  if (!command) {
    if (['', 'help', '--help', '-h'].includes(name)) return overview(COMMANDS);
    throw new PublisherError('usage', `There is no command "${name}".\n\n${overview(COMMANDS)}`);
  }
  const { values, positionals } = parseCommand(command, args);
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
