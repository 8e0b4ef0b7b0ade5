import type { Derived } from '../../core/derived.ts';
import type { Digest, RevisionId } from '../../core/ids.ts';
import { isOutdatedForm } from '../../core/madeForm.ts';
import type { ManifestChunk } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';

type StoredForm = Derived & { readonly chunks: readonly Digest[] };

/** Forms that were made of a revision and are to stay, in whichever variant: it may have run in a lighter one. */
export const formsOf = (derived: readonly Derived[], revision: RevisionId): StoredForm[] =>
  derived.filter((each): each is StoredForm => each.chunks !== undefined && each.source === revision && !isOutdatedForm(each));

/** What is here of them. Chunks that were given up, or that the browser took, are made again: nothing is lost of it. */
export const madeChunks = (forms: readonly StoredForm[], present: ReadonlyMap<Digest, number>): ManifestChunk[] =>
  [...new Set(forms.flatMap(({ chunks }) => chunks))].flatMap((digest) => {
    const sizeBytes = present.get(digest);
    return sizeBytes === undefined ? [] : [{ digest, sizeBytes }];
  });

/** After an update of the app: what the version before has made in another way takes as much room as the model, and nothing asks for it. */
export async function dropOutdatedForms({ derived, models }: Pick<Store, 'derived' | 'models'>): Promise<void> {
  if ((await derived.list()).some(isOutdatedForm)) await models.collectGarbage();
}
