import { join } from 'node:path';
import type { OfferData } from '../../src/core/tuf/offers.ts';
import { targetName } from '../../src/core/tuf/offers.ts';
import { offered, offerTarget } from './offers.ts';
import { type PackedModel, placeManifest } from './place.ts';
import { change, type Publisher } from './publisher.ts';
import { PublisherError } from './publisherError.ts';
import type { Published } from './repository.ts';

/** What is said about a revision beside what follows from it. */
export type Saying = Pick<OfferData, 'channel' | 'notes' | 'critical' | 'rollout'>;

/**
 * Signs revisions whose files lie in the repository. A revision that is offered already keeps its date.
 *
 * @param replace also stops offering every other revision of the same models
 */
export async function publishModels(
  publisher: Publisher,
  models: ReadonlyArray<{ readonly model: PackedModel; readonly saying: Saying }>,
  { replace = false }: { replace?: boolean } = {},
): Promise<Published> {
  return change(publisher, async (targets, { nowMs }) => {
    const wanted = new Set(models.map(({ model }) => targetName(model)));
    const ids = new Set<string>(models.map(({ model }) => model.manifest.id));
    for (const { entry, target } of replace ? offered(targets) : []) {
      if (ids.has(entry.id) && !wanted.has(target.path)) delete targets.targets[target.path];
    }
    for (const { model, saying } of models) {
      const name = targetName(model);
      const before = targets.targets[name]?.custom.sill;
      if (before && typeof before === 'object' && 'withdrawn' in before) {
        throw new PublisherError('invalid', `${join(model.path)} was withdrawn. Publish a new revision instead.`);
      }
      const publishedAt =
        before && typeof before === 'object' && 'publishedAt' in before && typeof before.publishedAt === 'string'
          ? before.publishedAt
          : new Date(nowMs).toISOString();
      await placeManifest(publisher.repo, model);
      const { manifest, revision, path } = model;
      targets.addTarget(offerTarget({ id: manifest.id, revision, path, publishedAt, ...saying }, model.bytes));
    }
  });
}
