import { headDim, type LlamaConfig } from './llama.ts';
import { FIRST_TEXT_ID, type Piece, SPACE_MARK, SPECIAL_PIECES } from './llama2cTokenizer.ts';
import { mergesFromScores } from './merges.ts';

/** A file of a Hugging Face model folder, to be written as JSON. */
export type JsonFile = Readonly<Record<string, unknown>>;

/** `tokenizer.json` of a Llama vocabulary: what Hugging Face's own conversion of the SentencePiece model has. */
export function tokenizerJson(pieces: readonly Piece[]): JsonFile {
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const [unknown, beginning] = SPECIAL_PIECES;
  const bos = { SpecialToken: { id: beginning, type_id: 0 } };
  const first = { Sequence: { id: 'A', type_id: 0 } };
  const second = { Sequence: { id: 'B', type_id: 1 } };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_PIECES.map((content, id) => ({ id, content, ...special })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: SPACE_MARK },
        { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [bos, first],
      pair: [bos, first, { SpecialToken: { id: beginning, type_id: 1 } }, second],
      special_tokens: { [beginning]: { id: beginning, ids: [SPECIAL_PIECES.indexOf(beginning)], tokens: [beginning] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE_MARK }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
      merges: mergesFromScores(pieces.slice(FIRST_TEXT_ID)).map((pair) => pair.join(' ')),
    },
  };
}

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

/**
 * `config.json`.
 * @param withExternalData names of the `.onnx` files whose weights lie in a file beside them
 */
export function configJson(config: LlamaConfig, ownClassifier: boolean, withExternalData: readonly string[]): JsonFile {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
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
    bos_token_id: 1,
    eos_token_id: 2,
    use_cache: true,
    'transformers.js_config': { use_external_data_format: Object.fromEntries(withExternalData.map((name) => [name, 1])) },
  };
}

/** @param eosTokenIds tokens that end a text; llama2.c's stories are parted by the beginning token */
export function generationConfigJson(eosTokenIds: readonly number[]): JsonFile {
  return { bos_token_id: 1, eos_token_id: [...eosTokenIds], pad_token_id: 0 };
}
