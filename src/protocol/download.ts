import * as v from 'valibot';
import { isDigest } from '../core/ids.ts';
import type { DownloadProgress } from '../ports/delivery.ts';
import { method } from './contract.ts';

const size = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Between the engine and the worker that fetches, verifies and stores. */
export const downloadContract = {
  download: method<DownloadProgress, null>()(
    v.object({
      files: v.array(
        v.object({ url: v.string(), chunks: v.array(v.object({ digest: v.pipe(v.string(), v.guard(isDigest)), sizeBytes: size })) }),
      ),
    }),
  ),
  /** For everything under way and to come; absent is as fast as it comes. */
  limit: method<never, null>()(v.object({ bytesPerSecond: v.exactOptional(size) })),
};
export type DownloadContract = typeof downloadContract;
