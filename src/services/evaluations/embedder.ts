import { counted } from '../../core/counted.ts';
import { SillError } from '../../core/errors.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import { variantBytes, variantOf } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Embed } from './evaluate.ts';

export interface Embedder {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly embed: Embed;
}

interface EmbedderDeps {
  readonly store: Pick<Store, 'models'>;
  readonly sessions: Pick<Sessions, 'use'>;
}

/**
 * The installed model by which meanings are compared: the one that is wanted, else the smallest that embeds texts. Absent where there is none.
 * @throws SillError `model_not_installed` | `unsupported_task` of one that is wanted
 */
export async function embedderOf({ store, sessions }: EmbedderDeps, wanted?: ModelId): Promise<Embedder | undefined> {
  const found: Array<{ readonly id: ModelId; readonly revision: RevisionId; readonly bytes: number }> = [];
  for (const { modelId, active } of await store.models.allSlots()) {
    const manifest = active && (wanted === undefined || wanted === modelId) ? await store.models.manifest(active.revision) : undefined;
    if (!active || !manifest) continue;
    if (manifest.task === 'feature-extraction') {
      found.push({ id: modelId, revision: active.revision, bytes: variantBytes(manifest, variantOf(manifest, active.variant)) });
    } else if (wanted !== undefined) {
      throw new SillError('unsupported_task', `${wanted} does not embed texts. Name a model that does, such as all-minilm-l6-v2.`, {
        details: { id: wanted, task: manifest.task },
      });
    }
  }
  const [first] = found.sort((a, b) => a.bytes - b.bytes || (a.id < b.id ? -1 : 1));
  if (!first) return undefined;
  const { id, revision } = first;
  return { id, revision, embed: (texts, signal) => sessions.use(id, signal, ({ model }) => model.embed(texts, { signal }), IN_BACKGROUND) };
}

const IN_BACKGROUND = { priority: 'background' } as const;

/** What somebody needs who compares meanings and has no model for it. */
export const noEmbedder = (cases: number, wanted?: ModelId): SillError =>
  new SillError(
    'model_not_installed',
    wanted === undefined
      ? `The suite compares meanings (similar) in ${counted(cases, 'case')}, and no installed model embeds texts. Install one, such as all-minilm-l6-v2, and run it again.`
      : `${wanted}, by which meanings were to be compared, is not installed on this device.`,
    { details: { needs: 'feature-extraction', ...(wanted === undefined ? {} : { id: wanted }) } },
  );
