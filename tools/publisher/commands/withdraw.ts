import { shortRevision } from '../../../src/core/ids.ts';
import type { Command } from '../command.ts';
import { findOffer, withOffer } from '../offers.ts';
import { change } from '../publisher.ts';
import { PublisherError } from '../publisherError.ts';

export const withdrawCommand: Command = {
  summary: 'take a revision back: it is offered no more, and warned of where it is installed',
  usage: '<model> --revision abc123 --reason words',
  help: [
    ['--revision abc123', 'the beginning of its digest'],
    ['--reason words', 'shown to people who have it'],
  ],
  examples: ['npm run sill -- withdraw tiny --revision 51b5739e --reason "Writes nonsense after 200 words."'],
  options: { revision: { type: 'string' }, reason: { type: 'string' } },
  takes: [1, 1],
  async run({ publisher, positionals, text }) {
    const [id = ''] = positionals;
    const revision = text('revision');
    const reason = text('reason');
    if (!revision || !reason) throw new PublisherError('usage', 'Name the revision by --revision and say why by --reason.');
    let line = '';
    let data = {};
    await change(publisher, async (targets) => {
      const { target, entry, data: offer } = findOffer(targets, id, revision);
      targets.addTarget(withOffer(target, { ...offer, withdrawn: { reason } }));
      data = { id, revision: entry.revision, reason };
      line = `${id} ${shortRevision(entry.revision)} is withdrawn.`;
    });
    return { lines: [line], data };
  },
};
