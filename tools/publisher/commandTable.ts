/** What the publisher's command line knows, and how it reads what is asked of it. */
import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { bundleCommand } from './commands/bundle.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { importCommand } from './commands/import.ts';
import { initCommand } from './commands/init.ts';
import { inspectCommand } from './commands/inspect.ts';
import { packCommand } from './commands/pack.ts';
import { pinCommand } from './commands/pin.ts';
import { publishCommand } from './commands/publish.ts';
import { quantizeCommand } from './commands/quantize.ts';
import { renewCommand } from './commands/renew.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { rotateCommand } from './commands/rotate.ts';
import { scoreCommand } from './commands/score.ts';
import { verifyCommand } from './commands/verify.ts';
import { withdrawCommand } from './commands/withdraw.ts';
import { PublisherError } from './publisherError.ts';

export const COMMANDS = new Map<string, Command>(
  Object.entries({
    init: initCommand,
    import: importCommand,
    quantize: quantizeCommand,
    score: scoreCommand,
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

/** @throws PublisherError `usage` with Node's own words for an unknown option or a missing value */
export function parseCommand(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...command.options, ...COMMON }, allowPositionals: true });
    const [least, most] = command.takes;
    const count = positionals.length;
    if (!values.help && (count < least || count > most))
      throw new TypeError(`It takes ${least} argument${least === 1 ? '' : 's'}, and got ${count}.`);
    return { values: new Map<string, unknown>(Object.entries(values)), positionals };
  } catch (cause) {
    throw new PublisherError('usage', cause instanceof Error ? cause.message : String(cause), cause);
  }
}
