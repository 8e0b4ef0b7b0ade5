import { refused } from './ggufError.ts';
import { quoted } from './ggufMetadata.ts';
import { FILE_TYPES } from './llamaGguf.ts';
import type { WrittenType } from './quantizeTensor.ts';
import type { Gguf, GgufTensor } from './readGguf.ts';
import { dequantize, TENSOR_TYPES } from './tensorTypes.ts';
import type { CopiedTensor, GgufContent, WrittenTensor, WrittenValue } from './writeGguf.ts';

/** What its scores are made from: where it is 4 bits, they lose most. llama.cpp gives it 6, which are not written here. */
const SCORES = ['output.weight', 'token_embd.weight'];

/**
 * The model of a GGUF file with its matrices in another type: one file, for llama.cpp, wllama and everything else that reads the format. What
 * the file says of itself is copied to the byte, so is each tensor that is of that type already; vectors are 32-bit floats, as everywhere.
 * Numbers are turned into floats and quantised anew, so that nothing is won of what the file has lost.
 */
export function requantizedGguf(gguf: Gguf, type: WrittenType): GgufContent {
  const metadata = new Map<string, WrittenValue>();
  for (const [key, raw] of gguf.rawMetadata()) if (!key.startsWith('split.')) metadata.set(key, { raw });
  metadata.set('general.file_type', { uint32: FILE_TYPES[type] });
  metadata.set('general.quantization_version', { uint32: 2 });
  // Tensors of another alignment would lie elsewhere than the file says.
  metadata.delete('general.alignment');
  const scores = SCORES.find((name) => gguf.tensors.has(name));
  const typeOf = ({ name, dims }: GgufTensor): WrittenType => {
    if (dims.length < 2) return 'F32';
    const wanted = name === scores && type === 'Q4_0' ? 'Q8_0' : type;
    return (dims[0] ?? 0) % TENSOR_TYPES[wanted].blockSize === 0 ? wanted : 'F16';
  };
  return { metadata, tensors: [...gguf.tensors.values()].map((tensor) => rewritten(tensor, typeOf(tensor))) };
}

function rewritten(tensor: GgufTensor, wanted: WrittenType): WrittenTensor | CopiedTensor {
  const { name, dims, type } = tensor;
  if (type.name === wanted) return { name, dims, type: wanted, bytes: () => tensor.read() };
  return {
    ...{ name, dims, type: wanted },
    values: () => {
      const values = dequantize(type, tensor.read());
      if (!values.every(Number.isFinite)) throw refused('malformed', `${quoted(name)} has numbers that are none`);
      return values;
    },
  };
}
