import { mergesFromScores } from './merges.ts';

/** A file of a Hugging Face model folder, to be written as JSON. */
export type JsonFile = Readonly<Record<string, unknown>>;

export interface VocabularyPiece {
  readonly text: string;
  /** The higher, the earlier it is joined; of no meaning where a list of joints says so. */
  readonly score: number;
  /** `control` has a meaning of its own and is no text; `added` is text that is never cut. */
  readonly kind: 'text' | 'byte' | 'unknown' | 'control' | 'added' | 'unused';
}

/** SentencePiece's mark for a space. */
export const SPACE_MARK = '\u2581';

export interface TokenizerRules {
  /** By id. */
  readonly pieces: readonly VocabularyPiece[];
  /** Ids of what is put before and after a text. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * `tokenizer.json` of a SentencePiece vocabulary with byte fallback, as Hugging Face converts it.
 * @param addSpacePrefix whether a text is taken as if a space stood before it
 * @param takeSpaces ids of tokens that swallow the spaces after them
 */
export function sentencePieceJson(
  { pieces, ...rules }: TokenizerRules,
  addSpacePrefix: boolean,
  takeSpaces?: ReadonlySet<number>,
): JsonFile {
  const unknown = pieces.find(({ kind }) => kind === 'unknown')?.text ?? null;
  const mark = { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK };
  return {
    ...head(pieces, takeSpaces),
    normalizer: addSpacePrefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE_MARK }, mark] } : mark,
    pre_tokenizer: null,
    post_processor: template({ pieces, ...rules }),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE_MARK }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
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
      vocab: vocabOf(pieces),
      merges: mergesFromScores(pieces.filter(({ kind }) => kind === 'text')).map((pair) => pair.join(' ')),
    },
  };
}

/** How text is cut into words before bytes are joined. */
export interface ByteLevelRules {
  /** Regular expressions whose matches are words; nothing, where GPT-2's own is meant. */
  readonly pattern?: string;
  readonly singleDigits?: boolean;
  readonly composed?: boolean;
  /** Whether a word that is a piece is taken as it is, without joining. */
  readonly wholeWords?: boolean;
}

/** `tokenizer.json` of a byte-level BPE. @param merges `left right`, best first */
export function byteLevelJson(rules: TokenizerRules, merges: readonly string[], cut: ByteLevelRules): JsonFile {
  const split = cut.pattern === undefined ? [] : [{ type: 'Split', pattern: { Regex: cut.pattern }, behavior: 'Isolated', invert: false }];
  const digits = cut.singleDigits ? [{ type: 'Digits', individual_digits: true }] : [];
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: cut.pattern === undefined };
  return {
    ...head(rules.pieces),
    normalizer: cut.composed ? { type: 'NFC' } : null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...digits, ...split, bytes] },
    post_processor: rules.before.length + rules.after.length > 0 ? template(rules) : bytes,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: cut.wholeWords ?? false,
      vocab: vocabOf(rules.pieces),
      merges,
    },
  };
}

const vocabOf = (pieces: readonly VocabularyPiece[]) => Object.fromEntries(pieces.map(({ text }, id) => [text, id]));

function head(pieces: readonly VocabularyPiece[], takeSpaces?: ReadonlySet<number>) {
  const added = pieces.flatMap(({ text, kind }, id) => {
    const special = kind === 'unknown' || kind === 'control';
    if (!special && kind !== 'added') return [];
    const rstrip = takeSpaces?.has(id) ?? false;
    return [{ id, content: text, single_word: false, lstrip: false, rstrip, normalized: false, special }];
  });
  return { version: '1.0', truncation: null, padding: null, added_tokens: added };
}

function template({ pieces, before, after }: TokenizerRules): JsonFile {
  const text = (id: number): string => pieces[id]?.text ?? '';
  const tokens = (ids: readonly number[], type_id: number) => ids.map((id) => ({ SpecialToken: { id: text(id), type_id } }));
  const sequence = (id: 'A' | 'B', type_id: number) => [
    ...tokens(before, type_id),
    { Sequence: { id, type_id } },
    ...tokens(after, type_id),
  ];
  return {
    type: 'TemplateProcessing',
    single: sequence('A', 0),
    pair: [...sequence('A', 0), ...sequence('B', 1)],
    special_tokens: Object.fromEntries(
      [...before, ...after].map((id) => [text(id), { id: text(id), ids: [id], tokens: [text(id)] }] as const),
    ),
  };
}
