import type { TranscodedDtype } from '../../core/making.ts';
import { fp16 } from '../floatFormats.ts';
import { int8, q4, q8, type WeightFormat } from '../weightFormats.ts';
import { widened } from '../widerFormats.ts';

/** As transformers.js finds them. */
export const GRAPH_NAMES = {
  int8: 'model_int8.onnx',
  q4: 'model_q4.onnx',
  fp16: 'model_fp16.onnx',
  q8: 'model_quantized.onnx',
} as const satisfies Readonly<Record<TranscodedDtype, string>>;

export const FORMATS: Readonly<Record<TranscodedDtype, WeightFormat>> = { int8, q4, fp16, q8 };

/** @param wider names of the matrices that are kept in a higher form */
export const formatOf = (dtype: TranscodedDtype, wider: readonly string[] = []): WeightFormat => widened(FORMATS[dtype], dtype, wider);
