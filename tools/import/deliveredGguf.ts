import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import { findInGguf } from '../../src/forge/transcode/planTranscode.ts';
import type { About } from '../models/packFolder.ts';

type Delivered = Pick<About, 'parameters' | 'contextLength' | 'generation' | 'chatTemplate' | 'sinkTokens' | 'variants'>;

/**
 * What a manifest says of a model that is delivered as GGUF: each device makes the form that is fast on it.
 * @param files names of the file or its parts, as they lie in the model's folder
 * @throws SillError `invalid_request` whose `details.reason` is a `GgufFault`
 */
export function deliveredGguf(gguf: Gguf, files: readonly string[]): Delivered {
  const { parameters, contextLength, generation, chatTemplate, sinkTokens, forms } = findInGguf(gguf, 0, ['int8', 'q4', 'fp16']);
  return {
    ...{ parameters, contextLength, generation, sinkTokens },
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    variants: forms.map(({ variant, files: made }) => ({
      ...variant,
      files: [...files],
      needs: { ...variant.needs, madeBytes: made.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) },
      madeFrom: 'gguf',
    })),
  };
}
