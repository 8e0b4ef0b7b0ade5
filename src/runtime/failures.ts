import { isAbort, SillError } from '../core/errors.ts';

const MEMORY =
  /out of memory|bad_alloc|failed to allocate|allocation failed|Maximum memory size|could not allocate memory|OOM|Invalid typed array length/i;
/** Chunks are verified when they are stored: this is a file that went missing since, or a model that was published broken. */
const DAMAGE = /external data|protobuf parsing failed|Deserialize tensor|Invalid model|invalid graph/i;
const DEVICE = /SIMD (?:is not supported|unsupported)|JSPI is not supported|WebGPU is not supported|Failed to get GPU adapter/i;

/** The graphics processor went away under a model that ran on it: a driver was reset, or the browser took it for something else. */
export const deviceLost = (reason: string): SillError =>
  new SillError(
    'device_lost',
    `The graphics processor was taken away while the model ran on it${inBrackets(reason)}. Ask again; if it happens again, choose the processor for this model.`,
    { details: { reason } },
  );

/** A browser tells of it by an event alone. */
export const gpuOutOfMemory = (reason: string): SillError =>
  new SillError(
    'out_of_memory',
    `The graphics processor ran out of memory while the model ran on it${inBrackets(reason)}. Close other tabs or programs, use a smaller variant of the model, or choose the processor for it.`,
    { details: { reason } },
  );

/** As above: a call that it does not take, or cannot carry out. */
export const gpuRefused = (reason: string): SillError =>
  new SillError(
    'runtime_failed',
    `The graphics processor refused what the model asked of it${inBrackets(reason)}. Ask again; if it happens again, choose the processor for this model.`,
    { details: { reason } },
  );

const inBrackets = (reason: string): string => (reason === '' ? '' : ` (${reason})`);

/** What ONNX Runtime or its WebAssembly threw, as one of our codes. Emscripten throws bare numbers: addresses of C++ exceptions. */
export function runtimeFailure(reason: unknown, doing: string): SillError {
  if (reason instanceof SillError) return reason;
  if (isAbort(reason)) return new SillError('aborted', 'The request was cancelled.', { cause: reason });
  const text = reason instanceof Error ? reason.message : String(reason);
  if (MEMORY.test(text)) {
    return new SillError(
      'out_of_memory',
      `There was not enough memory while ${doing}. Close other tabs or programs, use a smaller variant of the model, or shorten the text.`,
      { details: { reason: text }, cause: reason },
    );
  }
  if (DEVICE.test(text)) {
    return new SillError(
      'unsupported_device',
      `This browser lacks what the runtime needs (${text}). Update the browser, or choose another variant of the model.`,
      { details: { reason: text }, cause: reason },
    );
  }
  if (DAMAGE.test(text)) {
    return new SillError('installation_damaged', `The model's files could not be loaded (${text}). Verify or reinstall the model.`, {
      details: { reason: text },
      cause: reason,
    });
  }
  const shown = typeof reason === 'number' ? `a C++ exception at ${reason}, which is often a lack of memory` : text;
  return new SillError(
    'runtime_failed',
    `The runtime failed while ${doing}: ${shown}. Load the model again; if it keeps failing, use another variant.`,
    {
      details: { reason: text },
      cause: reason,
    },
  );
}

/** Runs a step of the runtime; what it throws comes out coded. */
export async function guarded<T>(doing: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (reason) {
    throw runtimeFailure(reason, doing);
  }
}
