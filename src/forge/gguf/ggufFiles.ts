import type { SinkQuestion } from '../../core/sinkSearch.ts';
import type { Architecture } from '../architectures/architecture.ts';
import { configJson } from '../llamaFiles.ts';
import { type ByteLevelRules, byteLevelJson, type JsonFile, sentencePieceJson, type TokenizerRules } from '../tokenizerFiles.ts';
import { isEvened } from '../weightFormats.ts';
import { refused } from './ggufError.ts';
import { quoted } from './ggufMetadata.ts';
import type { GgufModel } from './ggufModel.ts';
import type { GgufVocabulary } from './ggufVocabulary.ts';

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const LETTERS = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';

/** Words begin with their capitals: `HelloWorld` is two. */
const CAPITALS = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const SMALL = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const capitalWords = (ending: string): string =>
  `[^\\r\\n\\p{L}\\p{N}]?${CAPITALS}*${SMALL}+${ending}|[^\\r\\n\\p{L}\\p{N}]?${CAPITALS}+${SMALL}*${ending}`;
const REST_WITH_SLASHES = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const TEKKEN: ByteLevelRules = { pattern: `${capitalWords('')}|\\p{N}|${REST_WITH_SLASHES}`, wholeWords: true };
const GPT4O: ByteLevelRules = { pattern: `${capitalWords(`${CONTRACTIONS}?`)}|\\p{N}{1,3}|${REST_WITH_SLASHES}` };
const LLAMA3: ByteLevelRules = { pattern: `${CONTRACTIONS}|${LETTERS}|\\p{N}{1,3}|${REST}`, wholeWords: true };
const QWEN2: ByteLevelRules = { pattern: `${CONTRACTIONS}|${LETTERS}|\\p{N}|${REST}`, composed: true };

const DIGITS: ByteLevelRules = { singleDigits: true };

const named = (rules: ByteLevelRules, ...names: readonly string[]) => names.map((name) => [name, rules] as const);
/** Those that begin with the beginning token although no key says so. */
const BEGINS: ReadonlySet<ByteLevelRules | undefined> = new Set([LLAMA3, TEKKEN]);
/** llama.cpp's names of ways to cut text, several of which are one, and what Hugging Face's `tokenizer.json` of those models says. */
const PRE_TOKENIZERS: ReadonlyMap<string, ByteLevelRules> = new Map([
  ...named({}, 'gpt-2', 'phi-2', 'mellum', 'a.x-4.0'),
  ...named(LLAMA3, 'llama-bpe', 'llama3', 'llama-v3', 'falcon3', 'pixtral', 'midm-2.0'),
  ...named(QWEN2, 'qwen2', 'deepseek-r1-qwen'),
  ...named(DIGITS, 'smollm', 'refact', 'starcoder', 'minerva-7b'),
  ...named(TEKKEN, 'tekken'),
  ...named(GPT4O, 'gpt-4o', 'llama4', 'kanana2'),
]);

const LINE_BREAKS: readonly string[] = ['<0x0A>', '\u010a'];

/** Ids before and after every text, by the file's own rules or llama.cpp's where it has none. */
function rulesOf(vocabulary: GgufVocabulary, preTokenizer: string | undefined): TokenizerRules {
  const { model, bos, eos, pieces } = vocabulary;
  const addBos = vocabulary.addBos ?? (model === 'sentencepiece' || BEGINS.has(PRE_TOKENIZERS.get(preTokenizer ?? '')));
  return {
    pieces,
    before: addBos && bos !== undefined ? [bos] : [],
    after: vocabulary.addEos && eos !== undefined ? [eos] : [],
  };
}

/** `tokenizer.json`. @param architecture has its say where the file does not say how it cuts text, and on what follows added tokens */
export function ggufTokenizerJson(vocabulary: GgufVocabulary, architecture: Architecture | undefined): JsonFile {
  if (vocabulary.model === 'sentencepiece') {
    const takeSpaces = architecture?.addedTakeSpaces ? takingSpaces(vocabulary) : undefined;
    return sentencePieceJson(rulesOf(vocabulary, undefined), vocabulary.addSpacePrefix, takeSpaces);
  }
  const name = vocabulary.preTokenizer ?? architecture?.preTokenizer;
  const cut = PRE_TOKENIZERS.get(name ?? '');
  if (!cut) {
    const known = [...PRE_TOKENIZERS.keys()].join(', ');
    const said = name === undefined ? 'does not say how it cuts text' : `cuts text in the way ${quoted(name)}`;
    throw refused('unsupported', `its tokenizer ${said}, and Sill knows ${known}`);
  }
  return byteLevelJson(rulesOf(vocabulary, name), vocabulary.merges, cut);
}

/** Tokens that swallow the spaces after them, as Phi-3's do, but for the beginning and the end of a text. */
const takingSpaces = ({ pieces, bos, unknown }: GgufVocabulary): ReadonlySet<number> =>
  new Set(
    pieces.flatMap(({ kind, text }, id) =>
      (kind === 'control' || kind === 'added') && id !== bos && id !== unknown && text !== '<|endoftext|>' ? [id] : [],
    ),
  );

/** `tokenizer_config.json`, chat template included. */
export function ggufTokenizerConfigJson(vocabulary: GgufVocabulary, { config, architecture }: GgufModel): JsonFile {
  const { before, after } = rulesOf(vocabulary, vocabulary.preTokenizer ?? architecture.preTokenizer);
  const text = (id: number | undefined): string | undefined => (id === undefined ? undefined : vocabulary.pieces[id]?.text);
  return defined({
    add_bos_token: before.length > 0,
    add_eos_token: after.length > 0,
    bos_token: text(vocabulary.bos),
    eos_token: text(vocabulary.eos),
    unk_token: text(vocabulary.unknown),
    pad_token: text(vocabulary.padding),
    clean_up_tokenization_spaces: false,
    model_max_length: config.context,
    tokenizer_class: vocabulary.model === 'sentencepiece' ? 'LlamaTokenizer' : 'PreTrainedTokenizerFast',
    chat_template: vocabulary.chatTemplate,
  });
}

/** `config.json`. @param withExternalData names of the `.onnx` files whose weights lie in a file beside them */
export function ggufConfigJson(
  { config, architecture, ownClassifier }: GgufModel,
  vocabulary: GgufVocabulary,
  withExternalData: readonly string[],
): JsonFile {
  const { className, modelType } = architecture;
  return defined(configJson(config, ownClassifier, withExternalData, { className, modelType, bos: vocabulary.bos, eos: vocabulary.eos }));
}

/** Ids that end an answer. */
export const endIds = ({ ends }: GgufVocabulary): number[] => [...ends];

export const ggufGenerationConfigJson = (vocabulary: GgufVocabulary): JsonFile =>
  defined({ bos_token_id: vocabulary.bos, eos_token_id: endIds(vocabulary), pad_token_id: vocabulary.padding ?? vocabulary.eos });

/**
 * Tokens around which the int8 path cuts a prompt (docs/decisions/0033), before any was measured. Where products even tokens out none harms
 * those beside it. In narrower models, those on which models of this family put huge activations: beginning, ends and line break.
 * @param width of the model's hidden states
 */
export function sinkTokens(vocabulary: GgufVocabulary, width: number): number[] {
  return isEvened(width) ? [] : ascending([vocabulary.bos, ...lineBreaks(vocabulary), ...endIds(vocabulary)]);
}

const lineBreaks = ({ pieces }: GgufVocabulary): number[] => {
  const id = pieces.findIndex(({ text }) => LINE_BREAKS.includes(text));
  return id < 0 ? [] : [id];
};

/** At most: a vocabulary may have hundreds of placeholders. */
const MOST_ADDED = 32;

/** Tokens whose activations may be huge, for `core/sinkSearch`: beginning, ends, line breaks and what was added to the vocabulary. */
function sinkCandidates(vocabulary: GgufVocabulary): number[] {
  const added = [...vocabulary.pieces.entries()].flatMap(([id, { kind }]) => (kind === 'control' || kind === 'added' ? [id] : []));
  return ascending([vocabulary.bos, ...lineBreaks(vocabulary), ...endIds(vocabulary), ...added.slice(0, MOST_ADDED)]);
}

/** What is to be measured of the 8-bit form; undefined where products even tokens out, and none harms those beside it. */
export function sinkQuestion(
  vocabulary: GgufVocabulary,
  { config, architecture }: Pick<GgufModel, 'config' | 'architecture'>,
): SinkQuestion | undefined {
  if (isEvened(config.dim)) return undefined;
  // The beginning's harm over two probes wavers around the bound (stories15M: above it from F16, below from Q8_0).
  const always = ascending([vocabulary.bos, ...endIds(vocabulary)]);
  // A file may name one that none of its prompts have, as those of Qwen 2.5 do.
  const [begin] = rulesOf(vocabulary, vocabulary.preTokenizer ?? architecture.preTokenizer).before;
  return { candidates: sinkCandidates(vocabulary), always, ...(begin === undefined ? {} : { begin }) };
}

const ascending = (ids: ReadonlyArray<number | undefined>): number[] =>
  [...new Set(ids)].filter((id) => id !== undefined).sort((a, b) => a - b);

const defined = (file: JsonFile): JsonFile => Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
