import type { Command } from '../command.ts';
import { verify } from '../verify.ts';

export const verifyCommand: Command = {
  summary: 'read the catalog as a device would, every signature and manifest',
  usage: '[--files]',
  help: [['--files', 'also every byte of every model that is offered']],
  examples: ['npm run sill -- verify', 'npm run sill -- verify --files --json'],
  options: { files: { type: 'boolean' } },
  takes: [0, 0],
  async run({ publisher, flag }) {
    const { models, expiresAtMs = 0 } = await verify(publisher, publisher.now, flag('files'));
    const expires = new Date(expiresAtMs).toISOString();
    return {
      data: { valid: true, revisions: models.length, expires },
      lines: [`The catalog is valid until ${expires} and names ${models.length} revision${models.length === 1 ? '' : 's'}.`],
    };
  },
};
