import type { Command } from '../command.ts';
import { renew } from '../rotate.ts';

export const renewCommand: Command = {
  summary: 'sign the catalog again before its signatures expire',
  usage: '[--root]',
  help: [['--root', 'the root too, which takes its keys']],
  examples: ['npm run sill -- renew', 'npm run sill -- renew --root'],
  options: { root: { type: 'boolean' } },
  takes: [0, 0],
  async run({ publisher, flag }) {
    const { root, timestamp } = await renew(publisher, flag('root'));
    return {
      data: {
        catalogVersion: timestamp.signed.version,
        expires: timestamp.signed.expires,
        rootVersion: root.signed.version,
        rootExpires: root.signed.expires,
      },
      lines: [
        `Catalog ${timestamp.signed.version} holds until ${timestamp.signed.expires}, root ${root.signed.version} until ${root.signed.expires}.`,
      ],
    };
  },
};
