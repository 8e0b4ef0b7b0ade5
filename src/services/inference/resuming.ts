import type { Clock } from '../../ports/clock.ts';
import type { GeneratedPiece, GenerateRequest, GenerateResult } from '../../ports/generation.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Reading } from '../sessions/reading.ts';

/**
 * A generation that may be run again in another worker when the first is lost: what its reader has got is kept, and the rest follows that as if
 * nothing had happened. Without a reader it begins anew, and the seed brings the same. So does one whose turn was given up because its reader was late.
 */
export function createResumable(
  request: GenerateRequest,
  onPiece: ((piece: GeneratedPiece) => Promise<void>) | undefined,
  clock: Clock,
  onAccepted?: () => void,
): (model: Pick<LoadedModel, 'generate'>, signal: AbortSignal, reading: Reading, roomBytes?: number) => Promise<GenerateResult> {
  const given = Array.from({ length: request.n ?? 1 }, (_, index) => [...(request.given?.[index] ?? [])]);
  const beganMs = clock.monotonicMs();
  let firstMs: number | undefined;

  const tell =
    onPiece &&
    (async (piece: GeneratedPiece, reading: Reading): Promise<void> => {
      firstMs ??= clock.monotonicMs();
      // First kept, then given: a reader that is slow to take a piece has it all the same.
      given[piece.index ?? 0]?.push(...piece.tokenIds);
      await reading.give(() => onPiece(piece));
    });

  return async (model, signal, reading, roomBytes) => {
    const isResumed = firstMs !== undefined;
    const known = given.some((ids) => ids.length > 0) ? { given: given.map((ids) => [...ids]) } : {};
    const result = await model.generate(
      { ...request, ...known, ...(roomBytes === undefined ? {} : { roomBytes }) },
      {
        onAccepted,
        ...(tell
          ? { signal: AbortSignal.any([signal, reading.late]), onPiece: (piece: GeneratedPiece) => tell(piece, reading) }
          : { signal }),
      },
    );
    return isResumed && firstMs !== undefined ? { ...result, ttftMs: firstMs - beganMs } : result;
  };
}
