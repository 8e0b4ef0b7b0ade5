import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { DerivedModels } from '../protocol/modelfiles.ts';

export const derivedModels = (client: Client<EngineContract>): DerivedModels => ({
  create: (request) => client.call('models.create', request),
  copy: (source, destination) => client.call('models.copy', { source, destination }),
  modelfile: (id) => client.call('models.modelfile', { id }),
  checkModelfile: (modelfile) => client.call('models.checkModelfile', { modelfile }),
});
