import { SillError } from '../../core/errors.ts';
import { aliasAsModel, usedAliases } from './aliases.ts';
import type { Ask } from './ask.ts';
import { type InstalledModel, installedModels } from './installed.ts';
import { json } from './reply.ts';
import type { Route } from './route.ts';

/** What is on the device, as OpenAI lists it. */
const modelOf = ({ id, task, installed }: InstalledModel) => ({
  id,
  object: 'model',
  created: Math.floor(installed.installedAtMs / 1000),
  owned_by: 'sill',
  sill: { task, revision: installed.revision, variant: installed.variant, size_bytes: installed.sizeBytes },
});

/** And what the operator lets another computer answer, told by `owned_by`. */
const known = async (ask: Ask, signal: AbortSignal) => {
  const [here, elsewhere] = await Promise.all([installedModels(ask, signal), usedAliases(ask, signal)]);
  return [...here.map(modelOf), ...elsewhere.map(aliasAsModel)];
};

export const listModels: Route = async (_, { ask, signal }) => json({ object: 'list', data: await known(ask, signal) });

export const retrieveModel: Route = async ({ rest }, { ask, signal }) => {
  const model = (await known(ask, signal)).find(({ id }) => id === rest);
  if (model) return json(model);
  throw new SillError('model_not_installed', `The model "${rest.slice(0, 200)}" is not installed on this device. Install it first.`, {
    details: { param: 'model' },
  });
};
