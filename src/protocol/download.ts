import * as v from 'valibot';
import { isDigest, isRevisionId } from '../core/ids.ts';
import type { AdoptProgress, DownloadProgress } from '../ports/delivery.ts';
import { method } from './contract.ts';

const size = v.pipe(v.number(), v.integer(), v.minValue(1));
const digest = v.pipe(v.string(), v.guard(isDigest));
const chunk = v.object({ digest, sizeBytes: size });

/** Between the engine and the worker that fetches, verifies and stores. */
export const downloadContract = {
  download: method<DownloadProgress, null>()(
    v.object({
      files: v.array(v.object({ url: v.string(), chunks: v.array(chunk) })),
    }),
  ),
  adopt: method<AdoptProgress, null>()(
    v.object({
      url: v.string(),
      sizeBytes: size,
      sha256: v.optional(v.string()),
      held: v.array(chunk),
      entry: v.pipe(v.string(), v.guard(isRevisionId)),
      path: v.string(),
    }),
  ),
  /** For everything under way and to come; absent is as fast as it comes. */
  limit: method<never, null>()(v.object({ bytesPerSecond: v.exactOptional(size) })),
};
export type DownloadContract = typeof downloadContract;
