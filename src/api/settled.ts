import type { ModelId } from '../core/ids.ts';
import type { InstallProgress, ModelSummary } from '../protocol/modelReports.ts';
import type { Engine } from '../services/engine.ts';
import { assertPassed } from '../services/updates/trials.ts';

/**
 * What came beside a running version is tried before it is told of.
 * @param asked the name to tell of it by, where that is not its own
 * @throws SillError `revision_refused` when the version that just came fails its trial, whoever runs it
 */
export async function settled(
  { deps, trials, models }: Engine,
  { id, role }: { readonly id: ModelId; readonly role: 'active' | 'candidate' },
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (progress: InstallProgress) => void },
  asked = id,
): Promise<ModelSummary> {
  if (role === 'candidate') {
    const { active, candidate } = (await deps.store.models.slots(id)) ?? {};
    const revision = candidate?.revision ?? active?.revision;
    assertPassed(revision && (await trials.settle(id, revision, signal, onProgress)));
  }
  return models.summary(asked, signal);
}
