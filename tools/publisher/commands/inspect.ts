import { shortRevision } from '../../../src/core/ids.ts';
import type { Command } from '../command.ts';
import { inspect } from '../inspect.ts';

export const inspectCommand: Command = {
  summary: 'show versions, keys, expiry and what is offered',
  usage: '',
  help: [],
  examples: ['npm run sill -- inspect', 'npm run sill -- inspect --json'],
  options: {},
  takes: [0, 0],
  async run({ publisher }) {
    const inspection = await inspect(publisher.repo);
    const { roles, models } = inspection;
    return {
      data: { ...inspection },
      lines: [
        ...Object.entries(roles).map(
          ([role, { version, expires, keys, threshold }]) =>
            `${role.padEnd(9)} version ${version}, until ${expires}, ${threshold} of ${keys.length} keys: ${keys.map((id) => id.slice(0, 8)).join(', ')}`,
        ),
        ...models.map((entry) => {
          const rollout =
            entry.rollout &&
            (entry.rollout.paused ? 'paused' : 'percentage' in entry.rollout ? `${entry.rollout.percentage} %` : 'in phases');
          const marks = [entry.channel, entry.critical && 'critical', rollout, entry.withdrawn && `withdrawn: ${entry.withdrawn.reason}`];
          return `${entry.id} ${shortRevision(entry.revision)} ${new Date(entry.publishedAtMs ?? 0).toISOString()} ${marks.filter(Boolean).join(', ')}`;
        }),
      ],
    };
  },
};
