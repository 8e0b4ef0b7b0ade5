import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Ask } from './ask.ts';

export type InstalledModel = ModelSummary & { readonly installed: NonNullable<ModelSummary['installed']> };

/** What can be asked here: models with weights of their own, and those that were made of them. */
export async function installedModels(ask: Ask, signal: AbortSignal): Promise<InstalledModel[]> {
  const { models } = await ask('models.list', {}, { signal });
  return models.flatMap((model) => {
    const { derived, state } = model;
    if (!derived) return model.installed ? [{ ...model, installed: model.installed }] : [];
    const base = models.find(({ id }) => id === derived.base)?.installed;
    return base && state === 'installed' ? [{ ...model, installed: { ...base, installedAtMs: derived.changedAtMs } }] : [];
  });
}
