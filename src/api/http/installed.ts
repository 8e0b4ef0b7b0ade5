import { SillError } from '../../core/errors.ts';
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

/** @throws SillError `model_not_installed` */
export async function assertHere(id: string, ask: Ask, signal: AbortSignal): Promise<void> {
  if ((await installedModels(ask, signal)).some((model) => model.id === id)) return;
  throw new SillError('model_not_installed', `model '${id.slice(0, 200)}' not found: it is not installed on this device.`);
}
