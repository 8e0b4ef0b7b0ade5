import { counted } from '../../../src/core/counted.ts';
import { shortRevision } from '../../../src/core/ids.ts';
import { variantBytes, variantOf } from '../../../src/core/manifest.ts';
import type { VerifiedBundle } from '../../../src/delivery/bundle/verifyBundle.ts';
import { mebibytes } from '../../models/sizes.ts';
import type { Command, Report } from '../command.ts';
import { inspect } from '../inspect.ts';
import { inspectBundle } from '../inspectBundle.ts';

export const inspectCommand: Command = {
  summary: 'show what is offered, or what is in a bundle and whether it is whole',
  usage: '[file.tar ...]',
  help: [['file.tar ...', 'a bundle with all its parts, read to the last byte; without it the catalog: versions, keys, expiry']],
  examples: ['npm run sill -- inspect', 'npm run sill -- inspect --json', 'npm run sill -- inspect /media/stick/models.part*.tar'],
  options: {},
  takes: [0, 1000],
  async run({ publisher, positionals }) {
    if (positionals.length > 0) return bundleReport(await inspectBundle(positionals, publisher.trust, publisher.now));
    const inspection = await inspect(publisher.repo);
    const { roles, models } = inspection;
    return {
      data: { ...inspection },
      lines: [
        ...Object.entries(roles).map(
          ([role, { version, expires, keys, threshold }]) =>
            `${role.padEnd(9)} version ${version}, until ${expires}, ${threshold} of ${counted(keys.length, 'key')}: ${keys.map((id) => id.slice(0, 8)).join(', ')}`,
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

function bundleReport({ opened, list, models, refused }: VerifiedBundle): Report {
  const { rootVersion, keyIds } = list.signer;
  const inside = models.map(({ entry, manifest, variants }) => ({
    id: entry.id,
    revision: entry.revision,
    name: manifest.name,
    licence: manifest.licence.spdx,
    variants: variants.map((id) => ({ id, sizeBytes: variantBytes(manifest, variantOf(manifest, id)) })),
  }));
  return {
    data: {
      valid: true,
      bundle: opened.bundle,
      volumes: opened.volumes,
      sizeBytes: opened.sizeBytes,
      signer: list.signer,
      models: inside,
      refused,
    },
    lines: [
      `Whole: ${opened.volumes} file${opened.volumes === 1 ? '' : 's'}, ${mebibytes(opened.sizeBytes)}. Signed under root ${rootVersion} by ${keyIds.map((id) => id.slice(0, 8)).join(', ')}.`,
      ...inside.map(
        ({ id, revision, licence, variants }) =>
          `${id} ${shortRevision(revision)} (${licence}): ${variants.map((variant) => `${variant.id} ${mebibytes(variant.sizeBytes)}`).join(', ')}`,
      ),
      ...refused.map(({ id, revision, error }) => `${id} ${shortRevision(revision)} would be refused: ${error.message}`),
    ],
  };
}
