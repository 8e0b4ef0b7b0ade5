import { MadeGraph } from './madeGraph.ts';
import { idOf, pointing, SIZE, TOKENIZER, table } from './madeText.ts';
import type { Files } from './otherModels.ts';

/** As in `madeText.ts`: models that see colours and hear loudness, written by hand. */
const IMAGE = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false };
const square = (side: number) => ({ size: { height: side, width: side } });
/** A fifth of the pictures that tests draw, so that edges stay where they are. */
const FIFTH = { size: { height: 48, width: 64 } };

/** Of a picture `[1, 3, height, width]` from 0 to 1: 1 where a channel outshines both others, 0 elsewhere, `[1, height, width]`. */
function shining(graph: MadeGraph, pixels: string, channel: 0 | 1 | 2): string {
  const [own, ...others] = [channel, (channel + 1) % 3, (channel + 2) % 3].map((each) =>
    graph.op('Squeeze', [graph.slice(pixels, 1, each, each + 1), graph.ints([1])]),
  );
  const beyond = graph.op('Sub', [own ?? '', graph.op('Max', others)]);
  return graph.op('Cast', [graph.op('Greater', [beyond, graph.floats([], [0.5])])], { to: 1 });
}

/** Centre, width and height of what is 1 in a mask, as shares of its size: `[1, 1, 4]`. */
function boxAround(graph: MadeGraph, mask: string): string {
  const shape = graph.op('Cast', [graph.op('Shape', [mask])], { to: 1 });
  const span = (axis: 1 | 2) => {
    const line = graph.op('ReduceMax', [mask, graph.ints([axis === 1 ? 2 : 1])], { keepdims: 0 });
    const place = (end: 0 | 1) =>
      graph.op('Cast', [graph.op('ArgMax', [line], { axis: 1, keepdims: 1, select_last_index: end })], { to: 1 });
    const size = graph.slice(shape, 0, axis, axis + 1);
    const [first, after] = [place(0), graph.op('Add', [place(1), graph.floats([], [1])])];
    return {
      middle: graph.op('Div', [graph.op('Mul', [graph.op('Add', [first, after]), graph.floats([], [0.5])]), size]),
      length: graph.op('Div', [graph.op('Sub', [after, first]), size]),
    };
  };
  const [x, y] = [span(2), span(1)];
  return graph.op('Unsqueeze', [graph.op('Concat', [x.middle, y.middle, x.length, y.length], { axis: 1 }), graph.ints([1])]);
}

/** Mean of each colour, `[1, 3]`. */
const meanColour = (graph: MadeGraph, pixels: string) => graph.op('ReduceMean', [pixels, graph.ints([2, 3])], { keepdims: 0 });

const COLOURS = { red: [30, 0, 0], green: [0, 30, 0], blue: [0, 0, 30] };

/** Finds one red thing. */
export function detector(): Files {
  const graph = new MadeGraph('model.onnx');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  graph.output('pred_boxes', boxAround(graph, shining(graph, pixels, 0)), ['batch', 1, 4]);
  graph.output('logits', graph.op('Identity', [graph.floats([1, 1, 2], [5, 0])]), ['batch', 1, 2]);
  return {
    'config.json': {
      model_type: 'detr',
      architectures: ['DetrForObjectDetection'],
      id2label: { 0: 'red thing' },
      label2id: { 'red thing': 0 },
    },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'DetrImageProcessor', size: { shortest_edge: 60, longest_edge: 80 } },
    ...graph.files(),
  };
}

/** Finds the colours that it is asked for. */
export function colourFinder(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['labels', 'length']);
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  const masks = ([0, 1] as const).map((channel) => shining(graph, pixels, channel));
  const boxes = masks.map((mask) => boxAround(graph, mask));
  graph.output('pred_boxes', graph.op('Concat', boxes, { axis: 1 }), ['batch', 2, 4]);
  // Labels by boxes, then turned: a logit of 5 where the label names the colour, else -5.
  const named = graph.op(
    'ReduceSum',
    [graph.op('Gather', [graph.floats([SIZE, 2], table(2, { red: [10, 0], green: [0, 10] })), ids]), graph.ints([1])],
    {
      keepdims: 0,
    },
  );
  const turned = graph.op('Unsqueeze', [graph.op('Transpose', [named], { perm: [1, 0] }), graph.ints([0])]);
  const present = graph.op(
    'Concat',
    masks.map((mask) => graph.op('ReduceMax', [mask, graph.ints([1, 2])], { keepdims: 1 })),
    { axis: 1 },
  );
  const seen = graph.op('Mul', [turned, present]);
  graph.output('logits', graph.op('Sub', [seen, graph.floats([], [5])]), ['batch', 2, 'labels']);
  return {
    'config.json': { model_type: 'owlvit', architectures: ['OwlViTForObjectDetection'] },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'OwlViTImageProcessor', ...FIFTH },
    ...TOKENIZER,
    ...graph.files(),
  };
}

/** Compares the mean colour with the colours that labels name. */
export function colourMatcher(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['labels', 'length']);
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  const named = graph.op('ReduceSum', [graph.op('Gather', [graph.floats([SIZE, 3], table(3, COLOURS)), ids]), graph.ints([1])], {
    keepdims: 0,
  });
  const fit = graph.op('MatMul', [meanColour(graph, pixels), graph.op('Transpose', [named], { perm: [1, 0] })]);
  graph.output('logits_per_image', fit, ['batch', 'labels']);
  return {
    'config.json': { model_type: 'clip', architectures: ['CLIPModel'] },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'CLIPImageProcessor', ...square(32) },
    ...TOKENIZER,
    ...graph.files(),
  };
}

/** Tells areas by the colour that is strongest. */
export function areaTeller(): Files {
  const graph = new MadeGraph('model.onnx');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  graph.output('logits', pixels, ['batch', 3, 'height', 'width']);
  return {
    'config.json': {
      ...{ model_type: 'segformer', architectures: ['SegformerForSemanticSegmentation'] },
      ...{ id2label: { 0: 'red', 1: 'green', 2: 'blue' }, label2id: { red: 0, green: 1, blue: 2 } },
    },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'SegformerImageProcessor', ...FIFTH },
    ...graph.files(),
  };
}

/** Takes what is bright for near. */
export function depthGuesser(): Files {
  const graph = new MadeGraph('model.onnx');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  graph.output('predicted_depth', graph.op('ReduceMean', [pixels, graph.ints([1])], { keepdims: 0 }), ['batch', 'height', 'width']);
  return {
    'config.json': { model_type: 'dpt', architectures: ['DPTForDepthEstimation'] },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'DPTImageProcessor', ...FIFTH },
    ...graph.files(),
  };
}

/** Turns a picture into its negative. */
export function negative(): Files {
  const graph = new MadeGraph('model.onnx');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  graph.output('reconstruction', graph.op('Sub', [graph.floats([], [1]), pixels]), ['batch', 3, 'height', 'width']);
  return {
    'config.json': { model_type: 'swin2sr', architectures: ['Swin2SRForImageSuperResolution'] },
    'preprocessor_config.json': { ...IMAGE, do_resize: false, image_processor_type: 'Swin2SRImageProcessor', do_pad: true, pad_size: 8 },
    ...graph.files(),
  };
}

/** Three numbers a picture: its mean colour. */
export function colourMeter(): Files {
  const graph = new MadeGraph('model.onnx');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  graph.output('last_hidden_state', graph.op('Unsqueeze', [meanColour(graph, pixels), graph.ints([1])]), ['batch', 1, 3]);
  return {
    'config.json': { model_type: 'vit', architectures: ['ViTModel'] },
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'ViTImageProcessor', ...square(32) },
    ...graph.files(),
  };
}

/**
 * Says what colour a picture is, a word after the other: which one follows, the last one says, and after `before` the picture.
 * @param chain from the token that the decoder starts with, or that ends a prompt, to the end
 */
function teller(chain: ReadonlyArray<readonly [string, string]>, before: string): Files {
  const encoder = new MadeGraph('encoder_model.onnx');
  const pixels = encoder.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  encoder.output('last_hidden_state', encoder.op('Unsqueeze', [meanColour(encoder, pixels), encoder.ints([1])]), ['batch', 1, 3]);
  const decoder = new MadeGraph('decoder_model_merged.onnx');
  const ids = decoder.input('input_ids', 'int64', ['batch', 'length']);
  const hidden = decoder.input('encoder_hidden_states', 'float32', ['batch', 1, 3]);
  const next = decoder.floats([SIZE, SIZE], table(SIZE, Object.fromEntries(chain.map(([word, after]) => [word, pointing(after)]))));
  const names = decoder.floats(
    [3, SIZE],
    Object.keys(COLOURS).flatMap((colour) => pointing(colour)),
  );
  const gate = decoder.op('Gather', [decoder.floats([SIZE, 1], table(1, { [before]: [1] })), ids]);
  const colour = decoder.op('Mul', [gate, decoder.op('MatMul', [hidden, names])]);
  decoder.output('logits', decoder.op('Add', [decoder.op('Gather', [next, ids]), colour]), ['batch', 'length', SIZE]);
  const generation = { eos_token_id: idOf('[SEP]'), pad_token_id: 0, decoder_start_token_id: idOf('[CLS]') };
  return {
    'config.json': {
      ...{ model_type: 'vision-encoder-decoder', architectures: ['VisionEncoderDecoderModel'], is_encoder_decoder: true, ...generation },
      encoder: { model_type: 'vit' },
      decoder: { model_type: 'gpt2', n_head: 1, n_layer: 1, n_embd: 4, vocab_size: SIZE, max_position_embeddings: 128 },
    },
    'generation_config.json': generation,
    'preprocessor_config.json': { ...IMAGE, image_processor_type: 'ViTImageProcessor', ...square(32) },
    ...TOKENIZER,
    ...encoder.files(),
    ...decoder.files(),
  };
}

const COLOUR_WORDS = Object.keys(COLOURS);

/** "a red picture" */
export const captioner = (): Files =>
  teller([['[CLS]', 'a'], ...COLOUR_WORDS.map((word): [string, string] => [word, 'picture']), ['picture', '[SEP]']], 'a');

/** Answers any question with the colour of the document. */
export const documentReader = (): Files =>
  teller([...COLOUR_WORDS.map((word): [string, string] => [word, '</s_answer>']), ['</s_answer>', '[SEP]']], '<s_answer>');

const SPEECH = { feature_extractor_type: 'Wav2Vec2FeatureExtractor', sampling_rate: 16_000, do_normalize: false, feature_size: 1 };

/** Tells a high sound from a low one: how much it changes from sample to sample, against how loud it is. */
export function pitchTeller(): Files {
  const graph = new MadeGraph('model.onnx');
  const samples = graph.input('input_values', 'float32', ['batch', 'length']);
  const mean = (value: string) => graph.op('ReduceMean', [graph.op('Abs', [value]), graph.ints([1])], { keepdims: 1 });
  const changes = graph.op('Sub', [graph.slice(samples, 1, 1, 1_000_000_000), graph.slice(samples, 1, 0, -1)]);
  // A sine of f hertz at 16 kHz changes by about 2 pi f / 16000 of its size: 0.2 lies at 500 Hz.
  const high = graph.op('Sub', [graph.op('Div', [mean(changes), mean(samples)]), graph.floats([], [0.2])]);
  const scaled = graph.op('Mul', [high, graph.floats([], [30])]);
  graph.output('logits', graph.op('Concat', [scaled, graph.op('Neg', [scaled])], { axis: 1 }), ['batch', 2]);
  return {
    'config.json': {
      ...{ model_type: 'wav2vec2', architectures: ['Wav2Vec2ForSequenceClassification'] },
      ...{ id2label: { 0: 'high', 1: 'low' }, label2id: { high: 0, low: 1 } },
    },
    'preprocessor_config.json': SPEECH,
    ...graph.files(),
  };
}

const TONE_SAMPLES = 1600;
const tone = (hertz: number): number[] =>
  Array.from({ length: TONE_SAMPLES }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 16_000));

/** A tenth of a second for each word: high is 800 Hz, low 200. */
export function speaker(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['batch', 'length']);
  const sounds = graph.op('Gather', [graph.floats([SIZE, TONE_SAMPLES], table(TONE_SAMPLES, { high: tone(800), low: tone(200) })), ids]);
  graph.output('waveform', graph.op('Reshape', [sounds, graph.ints([1, -1])]), ['batch', 'samples']);
  return {
    'config.json': { model_type: 'vits', architectures: ['VitsModel'], sampling_rate: 16_000 },
    ...TOKENIZER,
    ...graph.files(),
  };
}

/** Writes down each tenth of a second: high, low, or a comma where nothing is heard. */
export function listener(): Files {
  const graph = new MadeGraph('model.onnx');
  const samples = graph.input('input_values', 'float32', ['batch', 'length']);
  const frames = graph.op('Reshape', [samples, graph.ints([1, -1, TONE_SAMPLES])]);
  const mean = (value: string) => graph.op('ReduceMean', [graph.op('Abs', [value]), graph.ints([2])], { keepdims: 1 });
  const changes = graph.op('Sub', [graph.slice(frames, 2, 1, TONE_SAMPLES), graph.slice(frames, 2, 0, -1)]);
  const isAbove = (value: string, limit: number) => graph.op('Cast', [graph.op('Greater', [value, graph.floats([], [limit])])], { to: 1 });
  const loud = isAbove(mean(frames), 0.01);
  const high = isAbove(graph.op('Div', [mean(changes), graph.op('Add', [mean(frames), graph.floats([], [1e-4])])]), 0.2);
  const not = (value: string) => graph.op('Sub', [graph.floats([], [1]), value]);
  const written = (word: string, ...when: string[]) =>
    when.reduce((value, each) => graph.op('Mul', [value, each]), graph.floats([1, 1, SIZE], pointing(word)));
  const all = [written('high', loud, high), written('low', loud, not(high)), written(',', not(loud))];
  graph.output('logits', graph.op('Sum', all), ['batch', 'frames', SIZE]);
  const tokenizer = {
    ...Object(TOKENIZER['tokenizer.json']),
    decoder: { type: 'CTC', pad_token: '[PAD]', word_delimiter_token: ',', cleanup: true },
  };
  return {
    'config.json': { model_type: 'wav2vec2', architectures: ['Wav2Vec2ForCTC'], vocab_size: SIZE },
    'preprocessor_config.json': SPEECH,
    ...TOKENIZER,
    'tokenizer.json': tokenizer,
    ...graph.files(),
  };
}

/** Compares how loud a sound is at its loudest with what labels say. */
export function loudnessMatcher(): Files {
  const graph = new MadeGraph('model.onnx');
  const ids = graph.input('input_ids', 'int64', ['labels', 'length']);
  const heard = graph.input('input_features', 'float32', ['batch', 1, 'frames', 64]);
  // In decibels: a full sine lies above 0, and what is barely there below.
  const loudness = graph.op('Reshape', [graph.op('ReduceMax', [heard, graph.ints([1, 2, 3])], { keepdims: 0 }), graph.ints([1, 1])]);
  const known = graph.floats([SIZE, 1], table(1, { loud: [1], quiet: [-1] }));
  const named = graph.op('ReduceSum', [graph.op('Gather', [known, ids]), graph.ints([1])], { keepdims: 0 });
  graph.output('logits_per_audio', graph.op('MatMul', [loudness, graph.op('Transpose', [named], { perm: [1, 0] })]), ['batch', 'labels']);
  return {
    'config.json': { model_type: 'clap', architectures: ['ClapModel'] },
    'preprocessor_config.json': {
      ...{ feature_extractor_type: 'ClapFeatureExtractor', sampling_rate: 48_000, feature_size: 64, fft_window_size: 1024, n_fft: 1024 },
      ...{ hop_length: 480, frequency_min: 0, frequency_max: 14_000, nb_frequency_bins: 513, nb_max_samples: 480_000, nb_max_frames: 1000 },
      ...{ max_length_s: 10, padding: 'repeatpad', truncation: 'rand_trunc', top_db: null },
    },
    ...TOKENIZER,
    ...graph.files(),
  };
}
