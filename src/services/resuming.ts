import type { Clock } from '../ports/clock.ts';
import type { GeneratedPiece, GenerateRequest, GenerateResult, LoadedModel } from '../ports/runtime.ts';

type Generator = Pick<LoadedModel, 'generate' | 'continued'>;

/**
 * A generation that may be run again in another worker when the first is lost: what its reader has got is kept, and the rest is generated
 * from the prompt and that. Without a reader it begins anew.
 * @param seed changes with a resumption: the same draws a second time would favour the same ranks
 */
export function createResumable(
  request: GenerateRequest,
  onPiece: ((piece: GeneratedPiece) => Promise<void>) | undefined,
  clock: Clock,
): (model: Generator, signal: AbortSignal) => Promise<GenerateResult> {
  const tokenIds: number[] = [];
  let text = '';
  let firstMs: number | undefined;
  const beganMs = clock.monotonicMs();

  const tell =
    onPiece &&
    (async (piece: GeneratedPiece): Promise<void> => {
      firstMs ??= clock.monotonicMs();
      // First kept, then given: a reader that is slow to take a piece has it all the same.
      tokenIds.push(...piece.tokenIds);
      text += piece.text;
      await onPiece(piece);
    });

  return async (model, signal) => {
    if (!tell || tokenIds.length === 0) return model.generate(request, { signal, ...(tell ? { onPiece: tell } : {}) });
    const given = { tokenIds: [...tokenIds], text };
    const before = await model.continued(request.input, given);
    tokenIds.length = before.tokens;
    // Of a token that was given in part the beginning comes a second time.
    let repeated = given.text.slice(before.text.length);
    const tellRest = async (piece: GeneratedPiece): Promise<void> => {
      const skipped = commonStart(repeated, piece.text);
      repeated = skipped === piece.text.length ? repeated.slice(skipped) : '';
      await tell({ ...piece, text: piece.text.slice(skipped) });
    };
    const left = request.maxTokens === undefined ? undefined : Math.max(1, request.maxTokens - before.tokens);
    const rest = await model.generate(
      {
        ...request,
        input: { kind: 'tokens', ids: before.ids },
        seed: (request.seed + before.tokens) % 2 ** 32,
        ...(left === undefined ? {} : { maxTokens: left }),
      },
      { signal, onPiece: tellRest },
    );
    return {
      ...rest,
      text,
      tokenIds: [...given.tokenIds.slice(0, before.tokens), ...rest.tokenIds],
      promptTokens: rest.promptTokens - before.tokens,
      completionTokens: rest.completionTokens + before.tokens,
      ttftMs: (firstMs ?? beganMs) - beganMs,
    };
  };
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
