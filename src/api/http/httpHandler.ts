import { SillError } from '../../core/errors.ts';
import type { EngineContract } from '../../protocol/engine.ts';
import { familyOf, refusalOf } from '../../protocol/httpErrors.ts';
import { HTTP_ROUTES, type HttpRouteName } from '../../protocol/httpRoutes.ts';
import type { Handlers } from '../../protocol/server.ts';
import { createAsk, type EngineHandlers } from './ask.ts';
import { readMarks } from './marks.ts';
import { healthz, metrics } from './observing.ts';
import { chat } from './ollamaChat.ts';
import { embed, embeddingOf } from './ollamaEmbed.ts';
import { generate } from './ollamaGenerate.ts';
import { copy, create } from './ollamaMake.ts';
import { pull, remove, running, show, tags, unsupported, versionOf } from './ollamaModels.ts';
import { transcriptions, translations } from './openaiAudio.ts';
import { embeddings } from './openaiEmbeddings.ts';
import { listModels, retrieveModel } from './openaiModels.ts';
import { chatCompletions, completions } from './openaiText.ts';
import { reply, type Whole } from './reply.ts';
import type { Incoming } from './request.ts';
import { responses } from './responses.ts';
import type { HttpDeps, Route, RouteContext } from './route.ts';

const ROUTES: Readonly<Record<HttpRouteName, Route>> = {
  'GET v1/models': listModels,
  'GET v1/models/*': retrieveModel,
  'POST v1/chat/completions': chatCompletions,
  'POST v1/completions': completions,
  'POST v1/responses': responses,
  'POST v1/embeddings': embeddings,
  'POST v1/audio/transcriptions': transcriptions,
  'POST v1/audio/translations': translations,
  'POST api/generate': generate,
  'POST api/chat': chat,
  'POST api/embed': embed,
  'POST api/embeddings': embeddingOf,
  'GET api/tags': tags,
  'GET api/ps': running,
  'GET api/version': versionOf,
  'POST api/show': show,
  'POST api/pull': pull,
  'DELETE api/delete': remove,
  'POST api/create': create,
  'POST api/copy': copy,
  'POST api/push': unsupported('Pushing a model (models are published, docs/publish.md)'),
  'GET metrics': metrics,
  'GET healthz': healthz,
};

/**
 * The contract with OpenAI's and Ollama's APIs beside it, which are nothing but another spelling of the other methods: they ask `handlers`, so that what
 * these allow and refuse holds for both.
 */
export function withHttp(handlers: EngineHandlers, deps: HttpDeps): Handlers<EngineContract> {
  const ask = createAsk(handlers);
  return {
    ...handlers,
    async http({ method, path: target, headers, body = new Uint8Array(), resume }, { signal, emit }) {
      const marks = readMarks(resume ?? '');
      // It was the end alone that nobody was told.
      if (marks.some(({ over }) => over)) return null;
      const url = new URL(target, 'http://sill/');
      const path = url.pathname.slice(1);
      const incoming = { method, path, query: url.searchParams, headers, body: new Uint8Array(body) };
      const context = { ...deps, ask, signal, marks, isAgain: resume !== undefined };
      await reply(emit, familyOf(path), (answer) => dispatch(incoming, { ...context, reply: answer }), { isResumed: marks.length > 0 });
      return null;
    },
  };
}

async function dispatch(incoming: Incoming, context: RouteContext) {
  const { path } = incoming;
  const matches = HTTP_ROUTES.flatMap((route) => {
    const rest = restOf(route.path, path);
    return rest === undefined ? [] : [{ route, rest }];
  });
  if (matches.length === 0) throw notFound(path);
  const method = incoming.method === 'HEAD' ? 'GET' : incoming.method;
  const match = matches.find(({ route }) => route.method === method);
  if (!match)
    return wrongMethod(
      incoming,
      matches.map(({ route }) => route.method),
    );
  const { route, rest } = match;
  const byName: Readonly<Record<string, Route>> = ROUTES;
  const answer = await byName[`${route.method} ${route.path}`]?.({ ...incoming, rest }, context);
  return answer && incoming.method === 'HEAD' ? { ...answer, body: '' } : answer;
}

/** What a path has in place of a pattern's `*`; empty for one that is equal, `undefined` for one that does not fit. */
function restOf(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('*')) return path === pattern ? '' : undefined;
  const start = pattern.slice(0, -1);
  if (!path.startsWith(start) || path === start) return undefined;
  try {
    return decodeURIComponent(path.slice(start.length));
  } catch {
    // A broken escape names nothing.
    return path.slice(start.length);
  }
}

const notFound = (path: string): SillError =>
  new SillError('invalid_request', `There is no "${path.slice(0, 200)}" here. docs/api.md lists what there is.`, {
    details: { status: 404 },
  });

function wrongMethod({ method, path }: Incoming, allowed: readonly string[]): Whole {
  const error = new SillError('invalid_request', `${path} is asked by ${allowed.join(' or ')}, not by ${method}.`);
  const refusal = refusalOf(error, familyOf(path), 405);
  return { ...refusal, headers: { ...refusal.headers, allow: allowed.join(', ') } };
}
