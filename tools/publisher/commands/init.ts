import type { Command } from '../command.ts';
import { init } from '../init.ts';
import { PASSPHRASE_VARIABLE } from '../passphrase.ts';
import { DEFAULT_SETTINGS, parseByRole } from '../settings.ts';

const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;

export const initCommand: Command = {
  summary: 'make keys, the root of trust and an empty signed catalog',
  usage: '[--key-count root=3] [--threshold root=2] [--expires timestamp=7] [--unencrypted]',
  help: [
    ['--key-count root=3', 'how many keys each role gets (1)'],
    ['--threshold root=2', 'how many of them must sign (1)'],
    ['--expires timestamp=7', 'for how many days signatures hold (root 365, targets 365, snapshot 90, timestamp 90)'],
    ['--unencrypted', `writes the keys without a passphrase; otherwise it comes from ${PASSPHRASE_VARIABLE} or is asked for`],
  ],
  examples: ['npm run sill -- init', 'npm run sill -- init --key-count root=3 --threshold root=2 --expires timestamp=7,snapshot=7'],
  options: {
    'key-count': { type: 'string' },
    threshold: { type: 'string' },
    expires: { type: 'string' },
    unencrypted: { type: 'boolean' },
  },
  takes: [0, 0],
  async run({ publisher, text, flag }) {
    const wanted = parseByRole(text('key-count'), 'key-count');
    const counts = new Map(ROLES.map((role) => [role, wanted.get(role) ?? 1]));
    const thresholds = parseByRole(text('threshold'), 'threshold');
    const expiresDays = { ...DEFAULT_SETTINGS.expiresDays, ...Object.fromEntries(parseByRole(text('expires'), 'expires')) };
    const passphrase = flag('unencrypted') ? undefined : await publisher.ask('Passphrase for the new keys');
    const { keys } = await init(publisher, { counts, thresholds, settings: { expiresDays }, passphrase });
    return {
      data: { repo: publisher.repo, keys, encrypted: passphrase !== undefined },
      lines: [
        `A signed catalog is in ${publisher.repo}, its keys in ${publisher.keys}, what the app trusts in ${publisher.trust}.`,
        ...keys.map(({ role, keyId }) => `  ${role.padEnd(9)} ${keyId}`),
        `Keep a copy of ${publisher.keys} apart from this machine: without the root keys the app cannot be led to new ones.`,
      ],
    };
  },
};
