import * as v from 'valibot';
import { withoutTokens } from '../../protocol/engineFailover.ts';
import type { ChatCompletionChunk, Completion } from '../../protocol/openai.ts';
import { CompletionRequestSchema } from '../../protocol/openaiRequests.ts';
import type { Mark } from './marks.ts';
import type { JsonObject } from './request.ts';

/** A text of a model, which goes on where the engine before left it. */
export interface ContinuedText {
  /** What to ask of the contract. */
  readonly params: JsonObject;
  /** When the first engine was asked, by the wall's clock. */
  readonly startMs: number;
  /** How long engines before this one were writing. */
  readonly writtenMs: number;
  /** A chunk as its reader is to see it: of one answer, whichever engine it comes from. */
  take<Chunk extends ChatCompletionChunk | Completion>(chunk: Chunk): Chunk;
  /** Of all that was taken since the last one, for the piece that tells it. */
  mark(more?: Mark): Mark;
}

/** Of the wall's clock, and even within one engine. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** What a request itself brings of an answer that was begun elsewhere. */
const ResumeSchema = v.object({ resume: CompletionRequestSchema.entries.resume });

/**
 * A streamed text, as `engineFailover` has it go on: asked for behind the tokens that its reader has, under its id, with the same draws.
 * @param at of several prompts, which one this is of
 * @param askedMs when the work for it began
 */
export function continueText(request: JsonObject, marks: readonly Mark[], at = 0, askedMs = wallMs()): ContinuedText {
  const mine = marks.filter((mark) => (mark.at ?? 0) === at);
  const known = mine.find(({ begun }) => begun)?.begun;
  const seed = known?.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const startMs = known?.startMs ?? askedMs;
  const writtenMs = mine.findLast(({ writingMs }) => writingMs !== undefined)?.writingMs ?? 0;
  let begun = known;
  let firstMs: number | undefined;
  let ids: number[][] = [];
  let isTold = known !== undefined;

  return {
    params: {
      ...request,
      stream: true,
      return_token_ids: true,
      // Not as the request's own: a model may state one.
      ...(request.seed === undefined && request.drawn_seed === undefined ? { drawn_seed: seed } : {}),
      ...(known ? { resume: { id: known.id, token_ids: tokensOf(request, mine) } } : {}),
    },
    startMs,
    writtenMs,
    take(chunk) {
      firstMs ??= wallMs();
      begun ??= { id: chunk.id, created: chunk.created, seed, startMs };
      for (const { index, token_ids = [] } of chunk.choices) if (token_ids.length > 0) ids.push([index, ...token_ids]);
      const shown = { ...chunk, created: begun.created };
      return request.return_token_ids === true ? shown : withoutTokens(shown);
    },
    mark(more = {}) {
      const mark: Mark = {
        ...(at === 0 ? {} : { at }),
        ...(isTold || !begun ? {} : { begun }),
        ...(ids.length === 0 ? {} : { ids, writingMs: Math.round(writtenMs + wallMs() - (firstMs ?? wallMs())) }),
        ...more,
      };
      isTold = true;
      ids = [];
      return mark;
    },
  };
}

/** The tokens of each choice that were given so far. */
function tokensOf(request: JsonObject, marks: readonly Mark[]): number[][] {
  const parsed = v.safeParse(ResumeSchema, request);
  const brought = (parsed.success && parsed.output.resume?.token_ids) || [];
  const choices = typeof request.n === 'number' ? request.n : 1;
  const given = Array.from({ length: choices }, (_, index) => [...(brought[index] ?? [])]);
  for (const [index = 0, ...tokens] of marks.flatMap(({ ids = [] }) => ids)) given[index]?.push(...tokens);
  return given;
}
