import type { ItemOf, MethodName, ParamsIn } from './contract.ts';
import type { EngineContract } from './engine.ts';
import type { Continuation, FailoverOptions } from './failover.ts';
import type { HttpRequest } from './http.ts';
import type { ChatCompletionChunk, Completion } from './openai.ts';
import type { ChatRequest, CompletionRequest } from './openaiRequests.ts';

/** How what was asked of an engine goes on when another takes its place. Whatever is not named here begins again. */
export const engineFailover: Pick<FailoverOptions<EngineContract>, 'once' | 'done' | 'continued'> = {
  once: new Set<MethodName<EngineContract>>([
    // A second time it would go back to where it came from.
    'models.rollback',
    // It may be there already, and would be there twice.
    'documents.add',
    // Minutes of a device's time: what was measured is kept, and whoever asked says whether it begins again.
    'benchmarks.run',
    // The cases that were judged are kept, and whoever asked goes on from there.
    'evaluations.run',
    'evaluations.resume',
  ]),
  done: {
    // It was there when the first engine was asked, or that one would have said so.
    'models.remove': ({ code }) => (code === 'unknown_model' ? { freedBytes: 0 } : undefined),
  },
  continued: {
    watch: () => ({
      params: () => ({}),
      take: (event) => event,
      // Whatever happened in between was told to nobody.
      missed: () => [
        { type: 'models' },
        { type: 'documents' },
        { type: 'updates' },
        { type: 'downloads' },
        { type: 'imports' },
        { type: 'memory' },
        { type: 'kiosk' },
        { type: 'benchmarks' },
        { type: 'evaluations' },
        { type: 'conversations' },
        { type: 'guests' },
        { type: 'upstreams' },
        { type: 'events' },
        { type: 'log' },
      ],
    }),
    http: httpContinuation,
    'completions.create': (request): ContinuationOf<'completions.create'> => textContinuation<CompletionRequest, Completion>(request),
    'chat.completions.create': (request): ContinuationOf<'chat.completions.create'> =>
      textContinuation<ChatRequest, ChatCompletionChunk>(request),
  },
};

/** An answer over HTTP goes on behind what its reader has, which the engine alone can read. */
export function httpContinuation(request: HttpRequest): ContinuationOf<'http'> {
  let { resume } = request;
  return {
    params() {
      const asked = { ...request, ...(resume === undefined ? {} : { resume }) };
      resume ??= '';
      return asked;
    },
    take(item) {
      if (item.kind === 'body') resume = `${resume ?? ''}${item.mark ?? ''}`;
      return item;
    },
  };
}

type ContinuationOf<K extends MethodName<EngineContract>> = Continuation<ParamsIn<EngineContract, K>, ItemOf<EngineContract, K>>;

type TextRequest = Pick<CompletionRequest, 'seed' | 'drawn_seed' | 'n' | 'resume' | 'return_token_ids'>;
interface TextChunk {
  readonly id: string;
  readonly choices: ReadonlyArray<{ readonly index: number; readonly token_ids?: readonly number[] }>;
}

/** A text goes on behind the tokens that its reader has. The page draws the seed, so that the next engine draws as the last one did. */
function textContinuation<Request extends TextRequest, Chunk extends TextChunk>(request: Request): Continuation<Request, Chunk> {
  // Not as the request's own: a model may state one.
  const drawn = request.seed == null ? { drawn_seed: request.drawn_seed ?? crypto.getRandomValues(new Uint32Array(1))[0] } : {};
  const given = Array.from({ length: request.n ?? 1 }, (_, index) => [...(request.resume?.token_ids[index] ?? [])]);
  let id = request.resume?.id;
  return {
    params: () => ({
      ...request,
      ...drawn,
      return_token_ids: true,
      ...(id === undefined ? {} : { resume: { id, token_ids: given.map((ids) => [...ids]) } }),
    }),
    take(chunk) {
      id ??= chunk.id;
      for (const { index, token_ids = [] } of chunk.choices) given[index]?.push(...token_ids);
      return request.return_token_ids ? chunk : withoutTokens(chunk);
    },
  };
}

/** As its reader wants it who did not ask for them: they were for whoever goes on with it. */
export const withoutTokens = <Chunk extends Pick<TextChunk, 'choices'>>(chunk: Chunk): Chunk => ({
  ...chunk,
  choices: chunk.choices.map(({ token_ids: _ids, ...choice }) => choice),
});
