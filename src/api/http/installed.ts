import type { ModelSummary } from '../../protocol/modelReports.ts';
import type { Ask } from './ask.ts';

export type InstalledModel = ModelSummary & { readonly installed: NonNullable<ModelSummary['installed']> };

export async function installedModels(ask: Ask, signal: AbortSignal): Promise<InstalledModel[]> {
  const { models } = await ask('models.list', {}, { signal });
  return models.flatMap((model) => (model.installed ? [{ ...model, installed: model.installed }] : []));
}
