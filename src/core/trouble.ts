import * as v from 'valibot';
import { counted } from './counted.ts';
import { ERROR_CODES, type ErrorData, SillError } from './errors.ts';
import type { ModelId } from './ids.ts';

/** How a model fared on this device of late. */
export const TroubleSchema = v.object({
  revision: v.string(),
  variant: v.string(),
  /** Losses since it last answered. */
  losses: v.number(),
  /** By how many forms it is run lighter than it could be. */
  lighter: v.number(),
  atMs: v.number(),
  last: v.object({ code: v.picklist(ERROR_CODES), message: v.string() }),
});
export interface Trouble extends Readonly<v.InferOutput<typeof TroubleSchema>> {}

/** With the retry of each request that is two requests. */
export const MAX_LOSSES = 4;
/** After this long what a model failed on (a driver that was reset, another program's memory) may be over: it is run as it was meant to. */
export const FORGIVEN_AFTER_MS = 10 * 60_000;

/** What still counts; nothing of another revision or variant, nor of long ago, nor of a clock that was set back since. */
export function currentTrouble(
  trouble: Trouble | undefined,
  running: { readonly revision: string; readonly variant: string },
  nowMs: number,
): Trouble | undefined {
  if (trouble?.revision !== running.revision || trouble.variant !== running.variant) return undefined;
  const ageMs = nowMs - trouble.atMs;
  return ageMs >= 0 && ageMs < FORGIVEN_AFTER_MS ? trouble : undefined;
}

/** @param before what still counts */
export function afterLoss(
  before: Trouble | undefined,
  running: { readonly revision: string; readonly variant: string },
  { code, message }: ErrorData,
  nowMs: number,
): Trouble {
  return {
    revision: running.revision,
    variant: running.variant,
    losses: (before?.losses ?? 0) + 1,
    lighter: (before?.lighter ?? 0) + 1,
    atMs: nowMs,
    last: { code, message },
  };
}

/** An answer ends a row of losses. The lighter form in which it came is kept for a while. */
export const afterAnswer = (before: Trouble): Trouble => ({ ...before, losses: 0 });

/** @throws SillError `crash_loop` */
export function refuseCrashLoop(id: ModelId, trouble: Trouble | undefined, nowMs: number): void {
  if (!trouble || trouble.losses < MAX_LOSSES) return;
  const minutes = Math.max(1, Math.ceil((FORGIVEN_AFTER_MS - (nowMs - trouble.atMs)) / 60_000));
  throw new SillError(
    'crash_loop',
    `${id} failed ${trouble.losses} times in a row, also in its lightest form, so it is not tried again for ${counted(minutes, 'minute')}. ` +
      `The last time: ${trouble.last.message} Close other tabs and programs, or install a smaller variant or model; models.load("${id}") tries at once.`,
    { details: { id, losses: trouble.losses, code: trouble.last.code, minutes } },
  );
}
