import { shortRevision } from '../../core/ids.ts';
import type { Adaptation } from '../../core/modelfile/derivedModel.ts';
import type { ChatMessage, GenerateRequest } from '../../ports/generation.ts';
import { type DerivedModelsService, otherVersion } from '../models/derivedModels.ts';
import type { GenerateOptions, Inference, TaskInference } from './inference.ts';

/**
 * Inference in which a derived model is asked as any other: its base answers, with what its Modelfile says where the request says nothing. A raw prompt
 * (`completions`) has its parameters, and neither its template nor its messages.
 */
export function withDerivedModels(
  inference: Inference & TaskInference,
  derived: Pick<DerivedModelsService, 'resolve' | 'baseOf'>,
): Inference & TaskInference {
  const named = async <T extends { readonly run: { readonly revision: string } }>(
    id: Parameters<Inference['embed']>[0],
    work: (base: Parameters<Inference['embed']>[0]) => Promise<T>,
  ) => {
    const found = await derived.resolve(id);
    if (!found) return work(id);
    const result = await work(found.base);
    return { ...result, run: { ...result.run, model: id, base: found.base } };
  };
  return {
    async generate(id, options, call) {
      const found = await derived.resolve(id);
      if (!found) return inference.generate(id, options, call);
      const { base, version } = found;
      const result = await inference.generate(base, adapted(options, found), {
        ...call,
        // Read when its turn comes: an update may have come before it.
        ...(version === undefined
          ? {}
          : {
              expect: {
                version,
                refuse: (revision) => otherVersion(id, found, shortRevision(revision)),
              },
            }),
      });
      return { ...result, run: { ...result.run, model: id, base } };
    },
    embed: (id, texts, call) => named(id, (base) => inference.embed(base, texts, call)),
    transcribe: (id, request, call) => named(id, (base) => inference.transcribe(base, request, call)),
    run: (id, request, call) => named(id, (base) => inference.run(base, request, call)),
    taskOf: async (id) => inference.taskOf(await derived.baseOf(id)),
  };
}

/** The request goes before the Modelfile. */
export function adapted(options: GenerateOptions, adaptation: Adaptation): GenerateOptions {
  const { parameters: own } = adaptation;
  return {
    ...options,
    input: begun(options.input, adaptation),
    maxTokens: options.maxTokens ?? own.maxTokens,
    temperature: options.temperature ?? own.temperature,
    topP: options.topP ?? own.topP,
    topK: options.topK ?? own.topK,
    minP: options.minP ?? own.minP,
    repetitionPenalty: options.repetitionPenalty ?? own.repetitionPenalty,
    presencePenalty: options.presencePenalty ?? own.presencePenalty,
    frequencyPenalty: options.frequencyPenalty ?? own.frequencyPenalty,
    seed: options.seed ?? own.seed,
    stop: options.stop ?? own.stop,
    contextLength: own.contextLength,
    contextShift: options.contextShift && { keep: options.contextShift.keep ?? own.keepTokens },
  };
}

/** As Ollama: the messages of the Modelfile, then those of the request; its system message before both, unless the request begins with one. */
function begun(input: GenerateRequest['input'], { template, system, messages }: Adaptation): GenerateRequest['input'] {
  if (input.kind !== 'chat') return input;
  const said: ChatMessage[] = [...messages, ...input.messages];
  const isOpen = system !== undefined && system !== '' && input.messages[0]?.role !== 'system';
  const chosen = input.template ?? template;
  return {
    ...input,
    messages: isOpen ? [{ role: 'system', content: system }, ...said] : said,
    ...(chosen === undefined ? {} : { template: chosen }),
  };
}
