import type { Command } from '../command.ts';
import type { KeyRole } from '../keyFile.ts';
import { PublisherError } from '../publisherError.ts';
import { rotate } from '../rotate.ts';

const ROLES: readonly KeyRole[] = ['root', 'timestamp', 'snapshot', 'targets'];

export const rotateCommand: Command = {
  summary: 'give a role new keys; devices follow by themselves',
  usage: '<root | timestamp | snapshot | targets>',
  help: [],
  examples: ['npm run sill -- rotate timestamp'],
  options: {},
  takes: [1, 1],
  async run({ publisher, positionals }) {
    const role = ROLES.find((each) => each === positionals[0]);
    if (!role) throw new PublisherError('usage', `There are the roles ${ROLES.join(', ')}, and no "${positionals[0]}".`);
    const { added, retired } = await rotate(publisher, role);
    return {
      data: { role, added, retired },
      lines: [
        `${role} is signed by ${added.length === 1 ? 'a new key' : `${added.length} new keys`}: ${added.map((id) => id.slice(0, 8)).join(', ')}.`,
        `The old ones are in ${publisher.keys}/retired. Build the app again, so that new devices begin with the new root.`,
      ],
    };
  },
};
