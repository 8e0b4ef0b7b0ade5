import type { TranscodedDtype } from '../../core/making.ts';
import { fp16 } from '../floatFormats.ts';
import { listening } from '../listening.ts';
import { int8, q4, q8, type WeightFormat } from '../weightFormats.ts';
import { whereBlocksFit, widened } from '../widerFormats.ts';

/** As transformers.js finds them. */
export const GRAPH_NAMES = {
  int8: 'model_int8.onnx',
  q4: 'model_q4.onnx',
  fp16: 'model_fp16.onnx',
  q8: 'model_quantized.onnx',
} as const satisfies Readonly<Record<TranscodedDtype, string>>;

/** What others are held against tells how loud channels become while it is read. */
export const FORMATS: Readonly<Record<TranscodedDtype, WeightFormat>> = {
  int8,
  q4: whereBlocksFit(q4),
  fp16,
  q8: listening(whereBlocksFit(q8)),
};

/**
 * @param wider names of the matrices that are kept in a higher form
 * @param isListening whether it tells how loud channels become; its layers are then all worked out for all tokens, as for a GPU: a largest of no token is
 * none that the runtime has
 */
export function formatOf(dtype: TranscodedDtype, wider: readonly string[] = [], isListening = false): WeightFormat {
  const format = isListening && dtype !== 'q8' ? listening({ ...FORMATS[dtype], gpu: true }) : FORMATS[dtype];
  return widened(format, dtype, wider);
}
