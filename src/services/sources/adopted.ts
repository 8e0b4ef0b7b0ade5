import * as v from 'valibot';
import { SillError } from '../../core/errors.ts';
import { isModelId, isRevisionId, type ModelId, type RevisionId, type VariantId } from '../../core/ids.ts';
import { type Manifest, parseManifest } from '../../core/manifest.ts';
import type { SettingsStore } from '../../ports/store.ts';

const id = v.pipe(v.string(), v.guard(isModelId));
const revision = v.pipe(v.string(), v.guard(isRevisionId));

const ManifestSchema = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseManifest(dataset.value);
    } catch (cause) {
      addIssue({ message: cause instanceof SillError ? cause.message : 'is no manifest' });
      return NEVER;
    }
  }),
);

const AdoptedSchema = v.object({
  ...{ id, revision, url: v.string(), commit: v.string(), adoptedAtMs: v.number(), manifest: ManifestSchema },
  sha256: v.record(v.string(), v.string()),
});

/** A model as it was when this device saw it first: what it must be whenever it is fetched again. */
export interface Adopted {
  readonly id: ModelId;
  readonly revision: RevisionId;
  /** Of the server, with a slash at its end. */
  readonly url: string;
  readonly commit: string;
  readonly adoptedAtMs: number;
  readonly manifest: Manifest;
  /** Digests of whole files, in hexadecimal, as the server stated them. */
  readonly sha256: Readonly<Record<string, string>>;
}

const ADOPTED_KEY = 'adopted-models';

/** What this device remembers of models that nobody signed. Written by one tab at a time. */
export interface AdoptedRecords {
  list(): Promise<Adopted[]>;
  /** Replaces the record of the same revision. */
  put(record: Adopted): Promise<void>;
  forget(id: ModelId): Promise<boolean>;
}

export function createAdoptedRecords(settings: SettingsStore): AdoptedRecords {
  const list = async (): Promise<Adopted[]> => {
    const stored = await settings.get(ADOPTED_KEY);
    const parsed = Array.isArray(stored) ? stored.map((each: unknown) => v.safeParse(AdoptedSchema, each)) : [];
    // A record that only a later version understands is left out; the model that it is about runs on from its own manifest.
    return parsed.flatMap((each) => (each.success ? [each.output] : []));
  };
  return {
    list,
    async put(record) {
      const others = (await list()).filter((each) => each.revision !== record.revision);
      await settings.set(ADOPTED_KEY, [...others, record]);
    },
    async forget(modelId) {
      const all = await list();
      const kept = all.filter((each) => each.id !== modelId);
      await settings.set(ADOPTED_KEY, kept);
      return kept.length < all.length;
    },
  };
}

/** What a commit turned out to be in one variant. */
export const recordOf = (records: readonly Adopted[], modelId: ModelId, commit: string, variant: VariantId): Adopted | undefined =>
  records.find((each) => each.id === modelId && each.commit === commit && each.manifest.variants.some(({ id }) => id === variant));
