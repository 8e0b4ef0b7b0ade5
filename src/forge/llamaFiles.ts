import { headDim, type LlamaConfig } from './llama.ts';
import { FIRST_TEXT_ID, type Piece, SPECIAL_PIECES } from './llama2cTokenizer.ts';
import { type JsonFile, sentencePieceJson, type VocabularyPiece } from './tokenizerFiles.ts';

/** llama2.c's pieces with the kinds that a Llama vocabulary gives them by their place. */
export const llama2cVocabulary = (pieces: readonly Piece[]): VocabularyPiece[] =>
  pieces.map((piece, id) => ({
    ...piece,
    kind: id === 0 ? 'unknown' : id < SPECIAL_PIECES.length ? 'control' : id < FIRST_TEXT_ID ? 'byte' : 'text',
  }));

/** `tokenizer.json` of a Llama vocabulary: what Hugging Face's own conversion of the SentencePiece model has. */
export const tokenizerJson = (pieces: readonly Piece[]): JsonFile =>
  sentencePieceJson({ pieces: llama2cVocabulary(pieces), before: [SPECIAL_PIECES.indexOf('<s>')], after: [] }, true);

export function tokenizerConfigJson(config: LlamaConfig): JsonFile {
  const [unk_token, bos_token, eos_token] = SPECIAL_PIECES;
  return {
    add_bos_token: true,
    add_eos_token: false,
    bos_token,
    eos_token,
    unk_token,
    clean_up_tokenization_spaces: false,
    model_max_length: config.context,
    tokenizer_class: 'LlamaTokenizer',
  };
}

/** By what transformers.js knows a model, and where its texts begin and end. */
interface Kind {
  readonly className: string;
  readonly modelType: string;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
}
const LLAMA2C: Kind = { className: 'LlamaForCausalLM', modelType: 'llama', bos: 1, eos: 2 };

/**
 * `config.json`.
 * @param withExternalData names of the `.onnx` files whose weights lie in a file beside them
 */
export function configJson(
  config: LlamaConfig,
  ownClassifier: boolean,
  withExternalData: readonly string[],
  { className, modelType, bos, eos }: Kind = LLAMA2C,
): JsonFile {
  return {
    architectures: [className],
    model_type: modelType,
    hidden_act: config.activation === 'gelu' ? 'gelu_pytorch_tanh' : 'silu',
    hidden_size: config.dim,
    intermediate_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: headDim(config),
    vocab_size: config.vocab,
    max_position_embeddings: config.context,
    rope_theta: config.ropeTheta,
    rms_norm_eps: config.normEps,
    tie_word_embeddings: !ownClassifier,
    bos_token_id: bos,
    eos_token_id: eos,
    use_cache: true,
    'transformers.js_config': { use_external_data_format: Object.fromEntries(withExternalData.map((name) => [name, 1])) },
  };
}

/** @param eosTokenIds tokens that end a text; llama2.c's stories are parted by the beginning token */
export function generationConfigJson(eosTokenIds: readonly number[]): JsonFile {
  return { bos_token_id: 1, eos_token_id: [...eosTokenIds], pad_token_id: 0 };
}
