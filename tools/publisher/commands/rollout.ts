import { hexOf, shortRevision } from '../../../src/core/ids.ts';
import type { Command } from '../command.ts';
import { findOffer, withOffer } from '../offers.ts';
import { change } from '../publisher.ts';
import { PublisherError } from '../publisherError.ts';
import { rolloutFrom } from '../rolloutOptions.ts';

export const rolloutCommand: Command = {
  summary: 'say which share of the devices is offered a revision, and when',
  usage: '<model> [--revision abc123] (--percentage 25 | --phases 2026-12-01=10,2026-12-08=100 | --pause | --resume | --everybody)',
  help: [
    ['--revision abc123', 'the beginning of its digest (the newest)'],
    ['--percentage 25', 'the share of the devices; raising it only adds devices'],
    ['--phases 2026-12-01=10,2026-12-08=100', 'a share that grows by time (UTC)'],
    ['--pause, --resume', 'no further device takes it by itself, or it goes on'],
    ['--everybody', 'ends the rollout: every device is offered it'],
  ],
  examples: ['npm run sill -- rollout tiny --percentage 50', 'npm run sill -- rollout tiny --pause'],
  options: {
    revision: { type: 'string' },
    percentage: { type: 'string' },
    phases: { type: 'string' },
    pause: { type: 'boolean' },
    resume: { type: 'boolean' },
    everybody: { type: 'boolean' },
  },
  takes: [1, 1],
  async run({ publisher, positionals, text, flag }) {
    const [id = ''] = positionals;
    const wishes = { percentage: text('percentage'), phases: text('phases') };
    const asked = [wishes.percentage ?? wishes.phases, ...['pause', 'resume', 'everybody'].map((each) => flag(each) || undefined)];
    if (asked.every((each) => each === undefined))
      throw new PublisherError('usage', 'Say what to change: --percentage, --phases, --pause, --resume or --everybody.');
    let line = '';
    let data = {};
    await change(publisher, async (targets) => {
      const { target, entry, data: offer } = findOffer(targets, id, text('revision'));
      const { rollout: before, ...rest } = offer;
      const paused = flag('pause') ? { paused: true } : flag('resume') ? { paused: false } : {};
      const rollout = flag('everybody')
        ? undefined
        : rolloutFrom({ ...wishes, ...paused }, before, `${id}:${hexOf(entry.revision).slice(0, 16)}`);
      targets.addTarget(withOffer(target, { ...rest, ...(rollout ? { rollout } : {}) }));
      data = { id, revision: entry.revision, rollout: rollout ?? 'everybody' };
      line = `${id} ${shortRevision(entry.revision)}: ${rollout ? wordsOf(rollout) : 'offered to everybody'}.`;
    });
    return { lines: [line], data };
  },
};

function wordsOf(rollout: NonNullable<ReturnType<typeof rolloutFrom>>): string {
  const share =
    'phases' in rollout
      ? rollout.phases.map((phase) => `${phase.percentage} % from ${phase.fromIso}`).join(', ')
      : `offered to ${rollout.percentage} %`;
  return rollout.paused ? `paused (${share})` : share;
}
