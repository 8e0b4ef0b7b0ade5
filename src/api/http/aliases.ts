import type { UpstreamSummary } from '../../protocol/upstreams.ts';
import type { Ask } from './ask.ts';

/** Names under which another computer answers, as the operator's policy has them, but for those that a model of this device has. */
export const usedAliases = async (ask: Ask, signal: AbortSignal): Promise<UpstreamSummary[]> =>
  (await ask('upstreams', {}, { signal })).filter(({ isUsed }) => isUsed);

/** As OpenAI lists a model. When it was made nobody here knows. */
export const aliasAsModel = ({ alias, name, url, model, requests, fallback }: UpstreamSummary) => ({
  id: alias,
  object: 'model',
  created: 0,
  owned_by: name,
  sill: { task: 'text-generation', computed_by: 'upstream', upstream: { name, url, model }, requests, ...(fallback ? { fallback } : {}) },
});

const details = (model: string) => ({
  ...{ parent_model: '', format: '', family: model, families: [model], parameter_size: '', quantization_level: '' },
});

/** As Ollama lists a model of another host. Nothing of it is here: its clients want a size, a date and a digest all the same. */
export const aliasAsTag = ({ alias, url, model }: UpstreamSummary) => ({
  ...{ name: alias, model: alias, remote_model: model, remote_host: url },
  ...{ modified_at: new Date(0).toISOString(), size: 0, digest: '0'.repeat(64) },
  details: details(model),
});

/** As Ollama shows one. */
export const aliasAsShown = ({ name, url, model, fallback }: UpstreamSummary) => ({
  ...{ license: '', modelfile: '', parameters: '', template: '', system: '', messages: [] },
  details: details(model),
  ...{ remote_model: model, remote_host: url },
  model_info: {
    'general.architecture': model,
    'sill.task': 'text-generation',
    'sill.upstream': name,
    ...(fallback ? { 'sill.fallback': fallback } : {}),
  },
  capabilities: ['completion', 'tools'],
  modified_at: new Date(0).toISOString(),
});
