import type { EngineContract } from '../protocol/engine.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';
import { askedOf } from './asked.ts';
import type { Asker } from './asker.ts';
import { createChatCompletion, createCompletion } from './completions.ts';
import { createEmbeddings } from './embeddings.ts';
import type { SchemaCheck } from './heldForm.ts';
import { runModel } from './run.ts';
import { createTranscription } from './transcriptions.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

/** What is asked of models. */
export const answerHandlers = (engine: () => Promise<Engine>, asker: Asker, loadSchemaCheck: () => Promise<SchemaCheck>) =>
  ({
    'completions.create': async (params, call) => {
      const running = await engine();
      const { inference, deps } = running;
      const completions = { inference, clock: deps.clock, random: deps.random, loadSchemaCheck };
      return asker.generate(params, (bounded) =>
        upstreamsOf(running, asker).complete(bounded, call, (own, to) =>
          createCompletion(completions, own, { ...to, client: asker.client }),
        ),
      );
    },
    'chat.completions.create': async (params, call) => {
      const running = await engine();
      const { inference, deps } = running;
      const completions = { inference, clock: deps.clock, random: deps.random, loadSchemaCheck };
      return asker.generate(params, (bounded) =>
        upstreamsOf(running, asker).chat(bounded, call, (own, to) =>
          createChatCompletion(completions, own, { ...to, client: asker.client }),
        ),
      );
    },
    'embeddings.create': async (params, { signal }) =>
      asker.embed(params, async (bounded) =>
        createEmbeddings((await engine()).inference, bounded, { signal, ...askedOf(bounded, asker.client) }),
      ),
    'audio.transcriptions.create': async (params, { signal, emit }) =>
      createTranscription((await engine()).inference, params, {
        signal,
        ...askedOf(asker.bounded(params), asker.client),
        emit: (progress) => void emit(progress).catch(() => undefined),
      }),
    run: async (params, { signal, emit }) =>
      runModel((await engine()).inference, params, {
        signal,
        ...askedOf(asker.bounded(params), asker.client),
        emit: (progress) => void emit(progress).catch(() => undefined),
      }),
    upstreams: async () => asker.upstreams(await upstreamsOf(await engine(), asker).list()),
  }) satisfies Partial<Handlers<EngineContract>>;

/** Other computers, where the operator's policy allows them. */
const upstreamsOf = ({ deps, derived, upstreamWatch }: Engine, asker: Asker): Upstreams =>
  createUpstreams({
    ...{ allowed: () => asker.aliases(deps.upstreams.allowed), server: deps.upstreams.server, clock: deps.clock, random: deps.random },
    watch: upstreamWatch,
    isHere: async (id) => Boolean((await deps.store.models.slots(id))?.active) || (await derived.baseOf(id)) !== id,
  });
