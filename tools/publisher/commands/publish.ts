import { readFile } from 'node:fs/promises';
import { hexOf, shortRevision } from '../../../src/core/ids.ts';
import type { Command } from '../command.ts';
import { placeFiles, readPacked } from '../place.ts';
import { publishModels } from '../publish.ts';
import { PublisherError } from '../publisherError.ts';
import { readRepository } from '../repository.ts';
import { rolloutFrom } from '../rolloutOptions.ts';

export const publishCommand: Command = {
  summary: 'offer a packed model: copy its files, sign its manifest',
  usage: '<folder> [--channel beta] [--notes words] [--critical] [--percentage 10 | --phases 2026-12-01=10,2026-12-08=100]',
  help: [
    ['--channel stable', 'stable, or beta for devices that chose it'],
    ['--notes words', 'what is new; --notes-file reads it from a file'],
    ['--critical', 'devices take it at once, whatever the phases'],
    ['--percentage 10', 'the share of the devices that is offered it'],
    ['--phases 2026-12-01=10,2026-12-08=100', 'a share that grows by time (UTC)'],
  ],
  examples: [
    'npm run sill -- publish models/tiny --notes "Answers in French too."',
    'npm run sill -- publish models/tiny --channel beta --percentage 10',
  ],
  options: {
    channel: { type: 'string' },
    notes: { type: 'string' },
    'notes-file': { type: 'string' },
    critical: { type: 'boolean' },
    percentage: { type: 'string' },
    phases: { type: 'string' },
  },
  takes: [1, 1],
  async run({ publisher, positionals, text, flag }) {
    const [folder = ''] = positionals;
    const channel = text('channel') ?? 'stable';
    if (channel !== 'stable' && channel !== 'beta')
      throw new PublisherError('usage', `There are the channels stable and beta, and no "${channel}".`);
    const notesFile = text('notes-file');
    const notes = notesFile === undefined ? text('notes') : await readFile(notesFile, 'utf8');
    // Before a gigabyte is copied.
    await readRepository(publisher.repo);
    const model = await readPacked(folder);
    const { id } = model.manifest;
    const rollout = rolloutFrom(
      { percentage: text('percentage'), phases: text('phases') },
      undefined,
      `${id}:${hexOf(model.revision).slice(0, 16)}`,
    );
    const saying = {
      channel,
      ...(notes ? { notes } : {}),
      ...(flag('critical') ? { critical: true } : {}),
      ...(rollout ? { rollout } : {}),
    } as const;
    await placeFiles(publisher.repo, folder, model);
    const { timestamp } = await publishModels(publisher, [{ model, saying }]);
    return {
      data: { id, revision: model.revision, path: model.path, channel, catalogVersion: timestamp.signed.version },
      lines: [`${id} ${shortRevision(model.revision)} is offered on the ${channel} channel, in catalog ${timestamp.signed.version}.`],
    };
  },
};
