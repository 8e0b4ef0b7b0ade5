import type { ModelId, RevisionId, VariantId } from './ids.ts';

/** One revision of a model that lies complete on this device, in one variant. */
export interface InstalledRevision {
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly installedAtMs: number;
  /** When the person accepted the licence that was shown before the download. */
  readonly licenceAcceptedAtMs: number;
}

/** Which revisions of a model this device holds, and in which role. */
export interface Slots {
  readonly modelId: ModelId;
  readonly active?: InstalledRevision;
  readonly previous?: InstalledRevision;
  readonly candidate?: InstalledRevision;
}

/** Every revision that a model's slots keep alive. */
export function heldRevisions(slots: Slots): InstalledRevision[] {
  return [slots.active, slots.previous, slots.candidate].filter((held) => held !== undefined);
}
