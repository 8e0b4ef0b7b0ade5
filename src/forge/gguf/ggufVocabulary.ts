import type { VocabularyPiece } from '../tokenizerFiles.ts';
import { refused } from './ggufError.ts';
import { type GgufMetadata, quoted } from './ggufMetadata.ts';

/** `enum llama_token_type`, less what needs no word of its own. */
const KINDS: ReadonlyMap<number, VocabularyPiece['kind']> = new Map([
  [1, 'text'],
  [2, 'unknown'],
  [3, 'control'],
  [4, 'added'],
  [5, 'unused'],
  [6, 'byte'],
]);

/**
 * What ends an answer by its text, whatever the file's keys say: llama.cpp's list. Files of Gemma, Phi-3, ChatML and the first of Llama 3 name the
 * end of a text alone (ggml-org/llama.cpp issues 6745, 6903 and 9606). Not those that it has for kinds of model that no graph is built of.
 */
const ENDS: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<end_of_turn>',
  '<end_of_utterance>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<EOT>',
  '_<EOT>',
  '<\uff5cend\u2581of\u2581sentence\uff5c>',
  // Of code in parts: another file follows.
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
]);

/** Longer ones take no manifest. Those of models have some kilobytes. */
const MAX_TEMPLATE = 100_000;
/**
 * Squares of the lengths of pieces, added up: joints are sought by trying every cut of each, and comparing both sides. The largest vocabularies come to 30
 * million; this is some seconds.
 */
const MAX_CUTTING = 500_000_000;

/** The tokenizer that a GGUF file describes. */
export interface GgufVocabulary {
  /** `sentencepiece`: pieces joined by score, with single bytes for what is in none; `bytes`: byte-level BPE with a list of joints. */
  readonly model: 'sentencepiece' | 'bytes';
  /** By id. */
  readonly pieces: readonly VocabularyPiece[];
  readonly merges: readonly string[];
  /** How text is cut before pieces are joined, by llama.cpp's name. */
  readonly preTokenizer: string | undefined;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unknown: number | undefined;
  readonly padding: number | undefined;
  /** Each of them ends an answer: the end of a text, and those of a turn or a message. */
  readonly ends: readonly number[];
  readonly addBos: boolean | undefined;
  readonly addEos: boolean;
  readonly addSpacePrefix: boolean;
  readonly chatTemplate: string | undefined;
}

/** How many tokens a file's vocabulary has. @throws SillError `invalid_request` */
export function tokenCount(metadata: GgufMetadata): number {
  const tokens = metadata.texts('tokenizer.ggml.tokens');
  if (!tokens || tokens.length === 0) throw refused('incomplete', 'it has no tokenizer');
  return tokens.length;
}

/** @throws SillError `invalid_request` when there is no tokenizer that can be rebuilt */
export function ggufVocabulary(metadata: GgufMetadata): GgufVocabulary {
  const key = (name: string): string => `tokenizer.ggml.${name}`;
  const tokens = metadata.texts(key('tokens'));
  const name = metadata.text(key('model'));
  if (!tokens || tokens.length === 0 || name === undefined) throw refused('incomplete', 'it has no tokenizer');
  if (name !== 'llama' && name !== 'gpt2') {
    throw refused('unsupported', `its tokenizer is of kind ${quoted(name)}, and "llama" and "gpt2" can be rebuilt`);
  }
  const model = name === 'llama' ? 'sentencepiece' : 'bytes';
  const pieces = piecesOf(tokens, metadata.numbers(key('scores')), metadata.numbers(key('token_type')));
  const merges = model === 'bytes' ? (metadata.texts(key('merges')) ?? []) : [];
  if (model === 'bytes' && merges.length === 0) throw refused('incomplete', 'its tokenizer has no merges');
  if (model === 'sentencepiece' && metadata.numbers(key('scores')) === undefined)
    throw refused('incomplete', 'its tokenizer has no scores');
  if (model === 'sentencepiece' && pieces.reduce((sum, { text }) => sum + text.length ** 2, 0) > MAX_CUTTING)
    throw refused('too_large', 'the pieces of its tokenizer are longer than words of any language');
  const chatTemplate = metadata.text('tokenizer.chat_template');
  if (chatTemplate !== undefined && chatTemplate.length > MAX_TEMPLATE)
    throw refused('too_large', `its chat template has ${chatTemplate.length} characters`);
  const id = (which: string): number | undefined => {
    const value = metadata.count(key(`${which}_token_id`));
    if (value === undefined || value < tokens.length) return value;
    throw refused('malformed', `token ${value} is named in ${quoted(which)}, and there are ${tokens.length}`);
  };
  // Fine-tunes name one that was never added; nothing is read with it, and nothing is to be padded.
  const padding = metadata.count(key('padding_token_id'));
  // llama.cpp's own default for files that do not say.
  const eos = id('eos') ?? (model === 'sentencepiece' ? 2 : undefined);
  const byText = tokens.flatMap((text, index) => (ENDS.has(text) ? [index] : []));
  return {
    model,
    pieces,
    merges,
    preTokenizer: metadata.text(key('pre')),
    bos: id('bos') ?? (model === 'sentencepiece' ? 1 : undefined),
    eos,
    unknown: id('unknown'),
    padding: padding === undefined || padding < tokens.length ? padding : undefined,
    ends: [...new Set([eos, id('eot'), id('eom'), ...byText])].filter((each) => each !== undefined),
    addBos: metadata.flag(key('add_bos_token')),
    addEos: metadata.flag(key('add_eos_token')) ?? false,
    addSpacePrefix: metadata.flag(key('add_space_prefix')) ?? true,
    chatTemplate,
  };
}

/**
 * Every id has a text of its own, as `tokenizer.json` wants it. Empty ones are named as llama.cpp names them; of two that are the same, which
 * stop llama.cpp and are in files that are published all the same (its issue 25739), the first is the one that text is cut into.
 */
function piecesOf(
  tokens: readonly string[],
  scores: readonly number[] | undefined,
  types: readonly number[] | undefined,
): VocabularyPiece[] {
  for (const [what, list] of [
    ['scores', scores],
    ['kinds', types],
  ] as const) {
    if (list && list.length !== tokens.length) throw refused('malformed', `it has ${list.length} ${what} for ${tokens.length} tokens`);
  }
  const seen = new Set<string>();
  return tokens.map((piece, id) => {
    const score = scores?.[id] ?? 0;
    const first = piece !== '' && !seen.has(piece);
    const text = first ? piece : `[${piece === '' ? 'EMPTY' : 'AGAIN'}_${id}]`;
    if (seen.has(text)) throw refused('malformed', `the piece ${quoted(text)} is in its vocabulary twice`);
    seen.add(text);
    // An end is one whatever the file says of it: as plain text it would be written into answers, and a person's own text would not be cut at it.
    const kind = ENDS.has(piece) ? 'control' : (KINDS.get(types?.[id] ?? 1) ?? 'text');
    return { text, score, kind: first || kind === 'control' ? kind : 'unused' };
  });
}
