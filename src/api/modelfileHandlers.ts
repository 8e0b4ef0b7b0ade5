import { printModelfile } from '../core/modelfile/print.ts';
import type { CreateModelParams, modelfileContract } from '../protocol/modelfiles.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** The part of the engine's contract that makes models of others. */
export function modelfileHandlers(engine: () => Promise<Engine>): Handlers<typeof modelfileContract> {
  return {
    'models.create': async (params, { signal }) => {
      const { derived, models } = await engine();
      await derived.create(params.name, sourceOf(params));
      return models.summary(params.name, signal);
    },
    'models.copy': async ({ source, destination }, { signal }) => {
      const { derived, models } = await engine();
      await derived.copy(source, destination);
      return models.summary(destination, signal);
    },
    'models.modelfile': async ({ id }) => (await engine()).derived.modelfile(id),
    'models.checkModelfile': async ({ modelfile }) => (await engine()).derived.check(modelfile),
  };
}

function sourceOf({ modelfile, from, system, template, parameters, messages, license }: CreateModelParams): string {
  if (modelfile !== undefined) return modelfile;
  return printModelfile({
    from: from ?? '',
    ...(system === undefined ? {} : { system }),
    ...(template === undefined ? {} : { template }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(messages === undefined ? {} : { messages }),
    ...(license === undefined ? {} : { license }),
  });
}
