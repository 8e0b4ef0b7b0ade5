/** What a model can be made for, named as the pipelines of transformers.js 4.3. */
export const TASKS = [
  'text-generation',
  'feature-extraction',
  'automatic-speech-recognition',
  'text-classification',
  'token-classification',
  'question-answering',
  'fill-mask',
  'summarization',
  'translation',
  'text2text-generation',
  'zero-shot-classification',
  'image-classification',
  'zero-shot-image-classification',
  'object-detection',
  'zero-shot-object-detection',
  'image-segmentation',
  'background-removal',
  'depth-estimation',
  'image-to-image',
  'image-to-text',
  'image-feature-extraction',
  'document-question-answering',
  'audio-classification',
  'zero-shot-audio-classification',
  'text-to-audio',
] as const;
export type Task = (typeof TASKS)[number];

/** Names of the same tasks elsewhere. */
const ALIASES: Readonly<Record<string, Task>> = {
  asr: 'automatic-speech-recognition',
  'sentence-similarity': 'feature-extraction',
  embeddings: 'feature-extraction',
  'sentiment-analysis': 'text-classification',
  ner: 'token-classification',
  'text-to-speech': 'text-to-audio',
};

/** The task of a name that a server or a person uses for it; `undefined` for what is not known. */
export function taskNamed(name: string): Task | undefined {
  const own = TASKS.find((task) => task === name);
  return own ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : name.startsWith('translation_') ? 'translation' : undefined);
}

/** What a task works on. */
export const TASK_INPUTS = {
  'text-generation': 'prompt',
  'feature-extraction': 'texts',
  'automatic-speech-recognition': 'audio',
  'text-classification': 'text',
  'token-classification': 'text',
  'question-answering': 'question-context',
  'fill-mask': 'text',
  summarization: 'text',
  translation: 'text',
  'text2text-generation': 'text',
  'zero-shot-classification': 'text-labels',
  'image-classification': 'image',
  'zero-shot-image-classification': 'image-labels',
  'object-detection': 'image',
  'zero-shot-object-detection': 'image-labels',
  'image-segmentation': 'image',
  'background-removal': 'image',
  'depth-estimation': 'image',
  'image-to-image': 'image',
  'image-to-text': 'image',
  'image-feature-extraction': 'image',
  'document-question-answering': 'image-question',
  'audio-classification': 'audio',
  'zero-shot-audio-classification': 'audio-labels',
  'text-to-audio': 'text',
} as const satisfies Readonly<Record<Task, string>>;
export type InputShape = (typeof TASK_INPUTS)[Task];

/** What is asked for, in the words of the interface: for whoever gave something else. */
export const INPUT_WORDS: Readonly<Record<InputShape, string>> = {
  prompt: 'a text, or a list of messages { role, content }',
  texts: 'a text, or a list of texts',
  text: 'a text',
  'text-labels': '{ text, candidate_labels: [text, …] }',
  'question-context': '{ question, context }',
  image: '{ image }: a file of a picture, or its pixels',
  'image-labels': '{ image, candidate_labels: [text, …] }',
  'image-question': '{ image, question }',
  audio: '{ audio }: a recording, or mono samples at 16 kHz',
  'audio-labels': '{ audio, candidate_labels: [text, …] }: a recording, or mono samples at 48 kHz',
};

/**
 * What the ends of architectures' names say, as `BertForTokenClassification`; the first that fits. Some architectures do several tasks, and then the
 * commonest is taken: a server's own word, or a person's, goes before.
 */
const ARCHITECTURES: ReadonlyArray<readonly [RegExp, Task]> = [
  [/^(?:Wav2Vec2|Hubert|WavLM|UniSpeech|Data2VecAudio|SEW)\w*ForSequenceClassification$/, 'audio-classification'],
  [/ForSequenceClassification$/, 'text-classification'],
  [/ForTokenClassification$/, 'token-classification'],
  [/ForQuestionAnswering$/, 'question-answering'],
  [/ForMaskedLM$/, 'fill-mask'],
  [/ForImageClassification$/, 'image-classification'],
  [/^(?:OwlViT|Owlv2|GroundingDino)ForObjectDetection$/, 'zero-shot-object-detection'],
  [/ForObjectDetection$/, 'object-detection'],
  [
    /(?:ForImageSegmentation|ForSemanticSegmentation|ForUniversalSegmentation|ForInstanceSegmentation|ForSegmentation)$/,
    'image-segmentation',
  ],
  [/ForDepthEstimation$/, 'depth-estimation'],
  [/ForImageSuperResolution$/, 'image-to-image'],
  [/^VisionEncoderDecoderModel$/, 'image-to-text'],
  [/^(?:Vits|Musicgen|Supertonic|SpeechT5ForTextToSpeech)/, 'text-to-audio'],
  [/(?:ForCTC|ForSpeechSeq2Seq|ForSpeechToText)$/, 'automatic-speech-recognition'],
  [/^(?:Whisper|LiteWhisper|Moonshine|CohereAsr)ForConditionalGeneration$/, 'automatic-speech-recognition'],
  [/^(?:Marian|M2M100|MBart)/, 'translation'],
  [/^(?:T5|LongT5|MT5|Bart|Blenderbot|BlenderbotSmall)ForConditionalGeneration$/, 'text2text-generation'],
  [/ForAudioClassification$/, 'audio-classification'],
  [/^(?:CLIP|ChineseCLIP|Siglip|Siglip2)Model$/, 'zero-shot-image-classification'],
  [/^ClapModel$/, 'zero-shot-audio-classification'],
  [/ForCausalLM$/, 'text-generation'],
  [/^(?:ViT|Dinov2|DINOv3ViT|IJepa|PvtV?2?|Hiera|ConvNext|ConvNextV2|ResNet|Swin|BeitV?2?|DeiT)\w*Model$/, 'image-feature-extraction'],
  // An export without words about itself: the architecture of an encoder ends so.
  [/^[A-Z]\w*Model$/, 'feature-extraction'],
];

/** NLI models are told from other classifiers by their labels: what they are published for is mostly zero-shot. */
const isInference = (labels: readonly string[]): boolean =>
  labels.length > 1 && labels.length < 4 && labels.some((label) => /^entailment$/i.test(label));

/** @param labels names of the classes, as the configuration lists them */
export function taskOfArchitecture(architectures: readonly string[], labels: readonly string[]): Task | undefined {
  for (const [ending, task] of ARCHITECTURES) {
    if (!architectures.some((name) => ending.test(name))) continue;
    return task === 'text-classification' && isInference(labels) ? 'zero-shot-classification' : task;
  }
  return undefined;
}

/** The tasks that text of a sequence-to-sequence model answers. */
const SEQ2SEQ: readonly Task[] = ['summarization', 'translation', 'text2text-generation', 'image-to-text', 'document-question-answering'];
const ENCODER_DECODER = ['encoder_model', 'decoder_model_merged'];
/** Where the architecture decides, and not the task. */
const GRAPHS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  whisper: ENCODER_DECODER,
  'lite-whisper': ENCODER_DECODER,
  moonshine: ENCODER_DECODER,
  cohere_asr: ENCODER_DECODER,
  supertonic: ['text_encoder', 'latent_denoiser', 'voice_decoder'],
  musicgen: ['text_encoder', 'decoder_model_merged', 'encodec_decode'],
};

/** The graphs by which a task is computed, in the words of Hugging Face's layout. */
export function graphsOf(task: Task, modelType: string | undefined): readonly string[] {
  const own = modelType !== undefined && Object.hasOwn(GRAPHS_OF_TYPE, modelType) ? GRAPHS_OF_TYPE[modelType] : undefined;
  return own ?? (SEQ2SEQ.includes(task) ? ENCODER_DECODER : ['model']);
}

const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json'];
const PROCESSOR = ['preprocessor_config.json'];

/** The small files without which a task cannot be computed. */
export function filesNeeded(task: Task, modelType: string | undefined): readonly string[] {
  if (task === 'text-generation' || task === 'feature-extraction') return ['config.json', 'tokenizer.json'];
  if (modelType === 'whisper') return ['config.json', 'tokenizer.json', 'generation_config.json', 'preprocessor_config.json'];
  if (task === 'automatic-speech-recognition') return ['config.json', ...TOKENIZER, ...PROCESSOR];
  const shape = TASK_INPUTS[task];
  const reads = /^text|^question|labels|question$/.test(shape) || SEQ2SEQ.includes(task);
  const looks = /^image|^audio/.test(shape);
  return ['config.json', ...(reads ? TOKENIZER : []), ...(looks ? PROCESSOR : [])];
}

/** Why a model of this type cannot be run although its task can; `undefined` where it can. */
export function whyNot(task: Task, modelType: string | undefined): string | undefined {
  if (modelType === 'speecht5' && task === 'text-to-audio') return 'it needs a second model (a vocoder) from a repository of its own';
  return undefined;
}
