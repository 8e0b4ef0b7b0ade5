import * as v from 'valibot';
import { method } from './contract.ts';

/** What the engine asks of the page that hosts it, because a worker cannot do it. */
export const pageContract = {
  /** Mono samples at 16 kHz of any file that the browser can decode. Rejects with `audio_undecodable` | `empty_input`. */
  decodeAudio: method<never, Float32Array<ArrayBuffer>>()(v.object({ file: v.blob() })),
  /** Whether anybody looks at it, now and whenever that changes: what computes in a page that is hidden gets less of the device. */
  looks: method<{ readonly hidden: boolean }, null>()(v.object({})),
};
export type PageContract = typeof pageContract;
