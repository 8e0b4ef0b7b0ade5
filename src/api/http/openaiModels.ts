import { SillError } from '../../core/errors.ts';
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

export const listModels: Route = async (_, { ask, signal }) =>
  json({ object: 'list', data: (await installedModels(ask, signal)).map(modelOf) });

export const retrieveModel: Route = async ({ rest }, { ask, signal }) => {
  const model = (await installedModels(ask, signal)).find(({ id }) => id === rest);
  if (model) return json(modelOf(model));
  throw new SillError('model_not_installed', `The model "${rest.slice(0, 200)}" is not installed on this device. Install it first.`, {
    details: { param: 'model' },
  });
};
