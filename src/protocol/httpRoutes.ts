import type { MethodName } from './contract.ts';
import type { EngineContract } from './engine.ts';

/** A path of the HTTP API, and the methods of the contract that it may ask in turn: whoever may not ask these has no use for it. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the app. A `*` at the end stands for anything but nothing. */
  readonly path: string;
  readonly asks: readonly MethodName<EngineContract>[];
}

export const HTTP_ROUTES = [
  { method: 'GET', path: 'v1/models', asks: ['models.list', 'upstreams'] },
  { method: 'GET', path: 'v1/models/*', asks: ['models.list', 'upstreams'] },
  { method: 'POST', path: 'v1/chat/completions', asks: ['chat.completions.create'] },
  { method: 'POST', path: 'v1/completions', asks: ['completions.create'] },
  { method: 'POST', path: 'v1/responses', asks: ['chat.completions.create'] },
  { method: 'POST', path: 'v1/embeddings', asks: ['embeddings.create'] },
  { method: 'POST', path: 'v1/audio/transcriptions', asks: ['audio.transcriptions.create'] },
  { method: 'POST', path: 'v1/audio/translations', asks: ['audio.transcriptions.create'] },
  {
    method: 'POST',
    path: 'api/generate',
    asks: ['chat.completions.create', 'completions.create', 'models.load', 'models.unload', 'models.list'],
  },
  { method: 'POST', path: 'api/chat', asks: ['chat.completions.create', 'models.load', 'models.unload', 'models.list'] },
  { method: 'POST', path: 'api/embed', asks: ['embeddings.create', 'models.load'] },
  { method: 'POST', path: 'api/embeddings', asks: ['embeddings.create', 'models.load'] },
  { method: 'GET', path: 'api/tags', asks: ['models.list', 'upstreams'] },
  { method: 'GET', path: 'api/ps', asks: ['memory', 'models.list'] },
  { method: 'GET', path: 'api/version', asks: [] },
  { method: 'POST', path: 'api/show', asks: ['models.list', 'models.modelfile', 'upstreams'] },
  { method: 'POST', path: 'api/pull', asks: ['models.install'] },
  { method: 'DELETE', path: 'api/delete', asks: ['models.remove'] },
  { method: 'POST', path: 'api/create', asks: ['models.create'] },
  { method: 'POST', path: 'api/copy', asks: ['models.copy'] },
  { method: 'POST', path: 'api/push', asks: [] },
  { method: 'GET', path: 'metrics', asks: ['metrics'] },
  { method: 'GET', path: 'healthz', asks: ['health'] },
] as const satisfies readonly HttpRoute[];

type NameOf<R extends HttpRoute> = R extends HttpRoute ? `${R['method']} ${R['path']}` : never;
export type HttpRouteName = NameOf<(typeof HTTP_ROUTES)[number]>;
