import { MadeGraph } from './madeGraph.ts';
import type { Files } from './otherModels.ts';

/**
 * Text models whose weights were written by hand, for tasks of which no small model is published on npm: they know a few words, and what they
 * answer is known. They prove how an input goes through tokenizer, graph and pipeline; nothing about any real model.
 */
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const WORDS = [
  ...['this', 'example', 'is', 'the', 'a', '.', ',', 'in', 'who', 'where', 'lives', 'anna', 'berlin', 'paris', 'paul'],
  ...[
    'goal',
    'team',
    'sport',
    'vote',
    'minister',
    'politics',
    'capital',
    'of',
    'germany',
    'france',
    'cat',
    'sleeps',
    'katze',
    'schläft',
    'die',
  ],
  ...['red', 'green', 'blue', 'thing', 'picture', 'photo', 'high', 'low', 'loud', 'quiet', 'sound'],
  ...['<s_docvqa>', '<s_question>', '</s_question>', '<s_answer>', '</s_answer>'],
];
const VOCABULARY = [...SPECIAL, ...WORDS];
const MARKUP = VOCABULARY.filter((word) => /^<.*>$/.test(word));
export const SIZE = VOCABULARY.length;

export function idOf(word: string): number {
  const id = VOCABULARY.indexOf(word);
  if (id < 0) throw new Error(`the made models do not know "${word}"`);
  return id;
}

/** One row a word of the vocabulary: what stands in `rows`, zeros for all others. */
export const table = (columns: number, rows: Readonly<Record<string, readonly number[]>>): number[] =>
  VOCABULARY.flatMap((word) => [...(rows[word] ?? Array<number>(columns).fill(0))]);

/** A row of the vocabulary's length with one word in it. */
export const pointing = (word: string, strength = 20): number[] => VOCABULARY.map((each) => (each === word ? strength : 0));

const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });

export const TOKENIZER: Files = {
  'tokenizer.json': {
    version: '1.0',
    added_tokens: [...SPECIAL, ...MARKUP].map((content) => ({
      ...{ id: idOf(content), content, special: SPECIAL.includes(content) },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: false, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), sequence('A', 0), special('[SEP]')],
      pair: [special('[CLS]'), sequence('A', 0), special('[SEP]'), sequence('B', 1), special('[SEP]')],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab: Object.fromEntries(VOCABULARY.map((word, id) => [word, id])),
    },
  },
  'tokenizer_config.json': {
    ...{ tokenizer_class: 'BertTokenizer', model_max_length: 128, do_lower_case: true },
    ...{ cls_token: '[CLS]', sep_token: '[SEP]', pad_token: '[PAD]', unk_token: '[UNK]', mask_token: '[MASK]' },
  },
};

const bert = (architecture: string, labels: readonly string[], graph: MadeGraph): Files => ({
  'config.json': {
    ...{ model_type: 'bert', architectures: [architecture], max_position_embeddings: 128 },
    ...{ id2label: Object.fromEntries(labels.entries()), label2id: Object.fromEntries(labels.map((label, id) => [label, id])) },
  },
  ...TOKENIZER,
  ...graph.files(),
});

/** Knows two people and two towns. */
export function nameFinder(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const [person, place] = [
    [0, 9, 0],
    [0, 0, 9],
  ];
  const known = graph.floats(
    [SIZE, 3],
    VOCABULARY.flatMap((word) =>
      ['anna', 'paul'].includes(word) ? person : ['berlin', 'paris'].includes(word) ? place : [9, 0, 0],
    ) as number[],
  );
  graph.output('logits', graph.op('Gather', [known, ids]), ['batch', 'length', 3]);
  return bert('BertForTokenClassification', ['O', 'B-PER', 'B-LOC'], graph);
}

/** Answers "who" with a person and "where" with a place. */
export function answerer(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const things = graph.op('Gather', [
    graph.floats([SIZE, 2], table(2, { anna: [9, 0], paul: [9, 0], berlin: [0, 9], paris: [0, 9] })),
    ids,
  ]);
  const asked = graph.op('Gather', [graph.floats([SIZE, 2], table(2, { who: [1, 0], where: [0, 1] })), ids]);
  const wanted = graph.op('ReduceMax', [asked, graph.ints([1])], { keepdims: 1 });
  const fit = graph.op('ReduceSum', [graph.op('Mul', [things, wanted]), graph.ints([2])], { keepdims: 0 });
  graph.output('start_logits', fit, ['batch', 'length']).output('end_logits', fit, ['batch', 'length']);
  return bert('BertForQuestionAnswering', [], graph);
}

/** Knows two capitals. */
export function gapFiller(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const links = graph.floats([SIZE, SIZE], table(SIZE, { germany: pointing('berlin', 9), france: pointing('paris', 9) }));
  const each = graph.op('Gather', [links, ids]);
  const whole = graph.op('ReduceSum', [each, graph.ints([1])], { keepdims: 1 });
  graph.output('logits', graph.op('Add', [graph.op('Sub', [each, each]), whole]), ['batch', 'length', SIZE]);
  return bert('BertForMaskedLM', [], graph);
}

/** Tells sport from politics: what speaks of one thing twice means it. */
export function inferrer(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const [sport, politics] = [
    [1, 0],
    [0, 1],
  ];
  const topics = graph.floats([SIZE, 2], table(2, { goal: sport, team: sport, sport, vote: politics, minister: politics, politics }));
  const counts = graph.op('ReduceSum', [graph.op('Gather', [topics, ids]), graph.ints([1])], { keepdims: 0 });
  const meant = graph.op('ReduceSum', [graph.op('Mul', [counts, counts]), graph.ints([1])], { keepdims: 1 });
  const none = graph.op('Sub', [meant, meant]);
  graph.output('logits', graph.op('Concat', [none, none, meant], { axis: 1 }), ['batch', 3]);
  return bert('BertForSequenceClassification', ['contradiction', 'neutral', 'entailment'], graph);
}

/** Translates word by word. How far it is, the length of its cache says, so that the cache has to be kept. */
export function translator(): Files {
  const encoder = new MadeGraph('encoder_model.onnx');
  const ids = encoder.input('input_ids', 'int64', ['batch', 'length']);
  const asFloats = encoder.op('Unsqueeze', [encoder.op('Cast', [ids], { to: 1 }), encoder.ints([-1])]);
  encoder.output('last_hidden_state', asFloats, ['batch', 'length', 1]);

  const decoder = new MadeGraph('decoder_model_merged.onnx');
  const last = decoder.input('input_ids', 'int64', ['batch', 'length']);
  const hidden = decoder.input('encoder_hidden_states', 'float32', ['batch', 'source_length', 1]);
  const past = decoder.input('past_key_values.0.decoder.key', 'float32', ['batch', 1, 'past_length', 1]);
  const step = decoder.op('Unsqueeze', [
    decoder.op('Unsqueeze', [decoder.op('Cast', [last], { to: 1 }), decoder.ints([1])]),
    decoder.ints([3]),
  ]);
  decoder.output('present.0.decoder.key', decoder.op('Concat', [past, step], { axis: 2 }), ['batch', 1, 'total_length', 1]);
  // The first of the source is [CLS].
  const at = decoder.op('Add', [decoder.slice(decoder.op('Shape', [past]), 0, 2, 3), decoder.ints([1])]);
  const source = decoder.op('Cast', [decoder.op('Gather', [hidden, at], { axis: 1 })], { to: 7 });
  const dictionary = { the: 'die', cat: 'katze', sleeps: 'schläft', '[SEP]': '[SEP]' };
  const target = decoder.floats(
    [SIZE, SIZE],
    table(SIZE, Object.fromEntries(Object.entries(dictionary).map(([from, to]) => [from, pointing(to)]))),
  );
  const word = decoder.op('Reshape', [source, decoder.ints([1, 1])]);
  decoder.output('logits', decoder.op('Gather', [target, word]), ['batch', 'length', SIZE]);
  return {
    'config.json': {
      ...{ model_type: 't5', architectures: ['T5ForConditionalGeneration'], is_encoder_decoder: true, vocab_size: SIZE },
      ...{ num_layers: 1, num_decoder_layers: 1, num_heads: 1, d_kv: 1, d_model: 1 },
      ...{ eos_token_id: idOf('[SEP]'), pad_token_id: 0, decoder_start_token_id: 0 },
    },
    'generation_config.json': { eos_token_id: idOf('[SEP]'), pad_token_id: 0, decoder_start_token_id: 0 },
    ...TOKENIZER,
    ...encoder.files(),
    ...decoder.files(),
  };
}
