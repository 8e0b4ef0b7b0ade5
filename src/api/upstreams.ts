import { SillError, toSillError } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';
import { lostPart } from '../core/lostPart.ts';
import type { Upstream, UpstreamRequest } from '../core/upstreams.ts';
import type { Random } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { UpstreamServer } from '../ports/upstream.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion, SillExtension, UpstreamExtension, Usage } from '../protocol/openai.ts';
import type { ChatParams, CompletionParams } from '../protocol/openaiRequests.ts';
import type { UpstreamSummary } from '../protocol/upstreams.ts';
import type { UpstreamTry, UpstreamWatch } from '../services/inference/upstreamHealth.ts';
import { readChunk, UpstreamAnswer, type UpstreamPart } from './upstreamChunks.ts';

export interface UpstreamsDeps {
  /** Of the policy's, those that whoever asks may use. */
  readonly allowed: () => Promise<readonly Upstream[]>;
  readonly server: UpstreamServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly watch: UpstreamWatch;
  /** Whether a model of this name is on this device, installed or made here. */
  readonly isHere: (id: ModelId) => Promise<boolean>;
}

interface Call<Chunk> {
  readonly signal: AbortSignal;
  emit(chunk: Chunk): Promise<void>;
}

/** Who answers on this device. */
type OnDevice<Params, Chunk, Whole> = (params: Params, call: Call<Chunk>) => Promise<Whole>;

/**
 * Requests for the aliases that the operator's policy names go to the servers that it names for them; all others, and those for a model that is on this
 * device, never do. Where the server cannot answer, the fallback on this device does, as long as the reader has nothing yet.
 */
export interface Upstreams {
  list(): Promise<readonly UpstreamSummary[]>;
  /** @throws SillError `upstream_failed` | `network_unavailable` | `invalid_request` | what the device throws */
  chat(
    params: ChatParams,
    call: Call<ChatCompletionChunk>,
    onDevice: OnDevice<ChatParams, ChatCompletionChunk, ChatCompletion>,
  ): Promise<ChatCompletion>;
  complete(
    params: CompletionParams,
    call: Call<Completion>,
    onDevice: OnDevice<CompletionParams, Completion, Completion>,
  ): Promise<Completion>;
}

/** What of a request another server may understand: OpenAI's fields, and those that llama.cpp and vLLM have besides. */
const PASSED = [
  ...['messages', 'prompt', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'top_k', 'min_p', 'repetition_penalty'],
  ...['presence_penalty', 'frequency_penalty', 'logit_bias', 'seed', 'stop', 'n', 'response_format', 'tools', 'tool_choice'],
  ...['parallel_tool_calls', 'logprobs', 'top_logprobs', 'chat_template'],
];

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } };

export function createUpstreams({ allowed, server, clock, random, watch, isHere }: UpstreamsDeps): Upstreams {
  /** The server of a request; undefined for those that stay here. */
  const find = async (model: string): Promise<Upstream | undefined> => {
    const upstream = (await allowed()).find(({ alias }) => alias === model);
    return upstream && !(await isHere(upstream.alias)) ? upstream : undefined;
  };

  /** The answers of the server, each part given as it comes. */
  const ask = async (
    { url, model, credentials, timeoutMs }: Upstream,
    path: string,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    onPart: (part: UpstreamPart, isFirst: boolean) => Promise<void>,
  ) => {
    const given = PASSED.flatMap((field) => (params[field] === undefined || params[field] === null ? [] : [[field, params[field]]]));
    const body = { ...Object.fromEntries(given), model, stream: true, stream_options: { include_usage: true } };
    const answers = new Map<number, UpstreamAnswer>();
    const beganMs = clock.monotonicMs();
    let ttftMs: number | undefined;
    let usage = NO_USAGE;
    for await (const event of server.ask({ url, path, body, credentials, silenceMs: timeoutMs }, signal)) {
      const chunk = readChunk(event);
      usage = chunk.usage ?? usage;
      for (const part of chunk.parts) {
        const answer = answers.get(part.index) ?? new UpstreamAnswer();
        const isFirst = !answers.has(part.index);
        // A part that says nothing but whose turn it is makes nobody an answer.
        if (isFirst && part.text === '' && part.toolCalls.length === 0 && part.finish === undefined) continue;
        answers.set(part.index, answer);
        ttftMs ??= clock.monotonicMs() - beganMs;
        answer.take(part);
        await onPart(part, isFirst);
      }
    }
    const ordered = [...answers].sort(([a], [b]) => a - b).map(([index, answer]) => ({ index, answer }));
    if (ordered.length === 0 || ordered.some(({ answer }) => answer.finish === undefined)) {
      throw new SillError('upstream_failed', `The server at ${url} broke off in the middle of its answer.`, { details: { url } });
    }
    return { answers: ordered, usage, ttftMs: ttftMs ?? 0 };
  };

  /** @param isBegun whether the reader has something by now */
  const withFallback = async <
    Params extends { readonly model: string; readonly resume?: ChatParams['resume'] },
    Chunk extends Extended,
    Whole extends Extended,
  >(
    params: Params,
    call: Call<Chunk>,
    request: UpstreamRequest,
    onDevice: OnDevice<Params, Chunk, Whole>,
    upstreamAnswer: (upstream: Upstream, call: Call<Chunk>) => Promise<Whole>,
  ): Promise<Whole> => {
    const upstream = await find(params.model);
    if (!upstream) return onDevice(params, call);
    const { fallback } = upstream;
    const instead = (error: SillError): Promise<Whole> => {
      if (fallback === undefined) throw error;
      const note = { instead_of: { ...nameOf(upstream), error: error.toData() } };
      const told = <T extends Extended>(answer: T): T =>
        answer.sill?.computed_by === 'device' ? { ...answer, sill: { ...answer.sill, ...note } } : answer;
      return onDevice({ ...params, model: fallback }, { ...call, emit: (chunk) => call.emit(told(chunk)) }).then(told);
    };
    if (!upstream.requests.includes(request)) {
      return instead(
        new SillError('invalid_request', `${upstream.alias} is there for ${upstream.requests.join(', ')} only, not for ${request}.`),
      );
    }
    if (params.resume) {
      // Another engine began it: with tokens it was a model of this device, without any the server.
      if (params.resume.token_ids.some((ids) => ids.length > 0)) return instead(interrupted(upstream));
      throw interrupted(upstream);
    }
    let isBegun = false;
    let attempt: UpstreamTry | undefined;
    try {
      attempt = watch.begin(upstream, fallback === undefined);
      const answer = await upstreamAnswer(upstream, {
        ...call,
        emit: (chunk) => {
          isBegun = true;
          attempt?.answers();
          return call.emit(chunk);
        },
      });
      attempt.answers();
      return answer;
    } catch (reason) {
      if (call.signal.aborted) attempt?.abandoned();
      call.signal.throwIfAborted();
      const error = toSillError(reason);
      const isOfServer = ['network_unavailable', 'upstream_failed'].includes(error.code);
      if (isOfServer) attempt?.failed(error);
      else if (error.code === 'invalid_request') attempt?.answers();
      else attempt?.abandoned();
      if (isBegun || !isOfServer) throw error;
      return instead(error);
    }
  };

  const extensionOf = (upstream: Upstream, ttftMs: number): UpstreamExtension => ({
    computed_by: 'upstream',
    model: upstream.alias,
    upstream: nameOf(upstream),
    timings: { ttft_ms: ttftMs },
  });

  return {
    list: async () =>
      Promise.all(
        (await allowed()).map(async ({ alias, requests, fallback, ...about }) => ({
          ...{ alias, requests, ...nameOf(about) },
          ...(fallback === undefined ? {} : { fallback }),
          isUsed: !(await isHere(alias)),
          health: watch.health(about.url),
        })),
      ),
    chat: (params, call, onDevice) =>
      withFallback(params, call, 'chat.completions', onDevice, async (upstream, { signal, emit }) => {
        const base = { id: `chatcmpl-${random.uuid()}`, created: Math.floor(clock.now() / 1000), model: params.model };
        const head = { ...base, object: 'chat.completion.chunk' } as const;
        const { answers, usage, ttftMs } = await ask(upstream, 'chat/completions', params, signal, async (part, isFirst) => {
          const { index, text, toolCalls, logprobs } = part;
          if (!params.stream || (text === '' && toolCalls.length === 0)) return;
          const delta = {
            ...(isFirst ? { role: 'assistant' as const } : {}),
            ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
            ...(text === '' ? {} : { content: text }),
          };
          await emit({ ...head, choices: [{ index, delta, finish_reason: null, logprobs }] });
        });
        const sill = extensionOf(upstream, ttftMs);
        if (params.stream) {
          const ends = answers.map(({ index, answer }) => ({ index, delta: {}, finish_reason: answer.finish ?? null, logprobs: null }));
          await emit({ ...head, choices: ends, sill });
          if (params.stream_options?.include_usage) await emit({ ...head, choices: [], usage });
        }
        return {
          ...base,
          object: 'chat.completion',
          choices: answers.map(({ index, answer }) => ({
            index,
            message: {
              role: 'assistant',
              refusal: null,
              content: answer.text === '' && answer.toolCalls.length > 0 ? null : answer.text,
              ...(answer.toolCalls.length > 0 ? { tool_calls: answer.toolCalls } : {}),
            },
            finish_reason: answer.finish ?? 'stop',
            logprobs: answer.logprobs,
          })),
          usage,
          sill,
        };
      }),
    complete: (params, call, onDevice) =>
      withFallback(params, call, 'completions', onDevice, async (upstream, { signal, emit }) => {
        const head = {
          id: `cmpl-${random.uuid()}`,
          object: 'text_completion',
          created: Math.floor(clock.now() / 1000),
          model: params.model,
        } as const;
        // Their log-probabilities have another shape here, which is not read.
        const asked = { ...params, logprobs: undefined };
        const { answers, usage, ttftMs } = await ask(upstream, 'completions', asked, signal, async ({ index, text }) => {
          if (params.stream && text !== '') await emit({ ...head, choices: [{ index, text, finish_reason: null, logprobs: null }] });
        });
        const sill = extensionOf(upstream, ttftMs);
        const choices = answers.map(({ index, answer }) => ({
          index,
          text: answer.text,
          finish_reason: answer.textFinish,
          logprobs: null,
        }));
        if (params.stream) {
          await emit({ ...head, choices: choices.map((choice) => ({ ...choice, text: '' })), sill });
          if (params.stream_options?.include_usage) await emit({ ...head, choices: [], usage });
        }
        return { ...head, choices, usage, sill };
      }),
  };
}

interface Extended {
  readonly sill?: SillExtension | UpstreamExtension;
}

const nameOf = ({ name, url, model }: Pick<Upstream, 'name' | 'url' | 'model'>) => ({ name, url, model });

const interrupted = ({ alias, name }: Upstream): SillError =>
  new SillError('worker_lost', `The tab through which ${name} answered for ${alias} was closed. Ask again.`, {
    details: lostPart('tab'),
  });
