import type { Fallback, RunForm } from '../../core/forms.ts';
import type { Manifest, Variant } from '../../core/manifest.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { LoadedModel } from '../../ports/runtime.ts';

/** A model in memory. */
export interface Session {
  readonly model: LoadedModel;
  readonly manifest: Manifest;
  /** Another one than what is installed where that ran out of memory. */
  readonly variant: Variant;
  readonly installed: InstalledRevision;
  readonly form: RunForm;
  /** Why it does not run as it could. */
  readonly fallback?: Fallback;
  /** It runs lighter for what happened to it of late: once that may be over it is to run as it was meant to. */
  readonly isLighter?: true;
}
