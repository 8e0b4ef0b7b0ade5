import { SillError } from '../../core/errors.ts';

/** As engines say of a buffer or a list that cannot be had: V8, SpiderMonkey and JavaScriptCore. */
const NO_ROOM = /allocation|array length|array too large|out of memory|out of range of buffer/i;

export const isOutOfMemory = (cause: string): boolean => NO_ROOM.test(cause);

export const outOfMemory = (more: { readonly cause?: unknown; readonly details?: { readonly cause: string } }): SillError =>
  new SillError(
    'out_of_memory',
    'There was not enough memory to rewrite the model. Close other tabs and unload other models, then begin again.',
    more,
  );

/** Of the engine's errors this one alone is about the device: anything else that a worker of the forge throws is passed on. */
export async function orOutOfMemory<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof SillError) && cause instanceof Error && isOutOfMemory(cause.message)) throw outOfMemory({ cause });
    throw cause;
  }
}
