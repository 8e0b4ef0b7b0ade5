import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { Task } from '../core/tasks.ts';
import type { Ort } from './ort.ts';

/** What happens around each run of a session while a call is under way. */
export interface RunWatch {
  /** Before a run. Throws to end the call. */
  before(): Promise<void>;
  after(): void;
  /** Told of what a run threw, once: the library is only told that there is no output. */
  failed(reason: unknown): void;
  /** False once the model is there: what the library starts from then on are small graphs of its own, as for resizing. */
  isLoading(): boolean;
}

/** The names that transformers.js gives and looks for. */
const GIVEN = ['pixel_values', 'input_values', 'input_features', 'input_ids'];
const ONLY_INPUT: Partial<Record<Task, string>> = {
  'image-classification': 'pixel_values',
  'object-detection': 'pixel_values',
  'image-segmentation': 'pixel_values',
  'background-removal': 'pixel_values',
  'depth-estimation': 'pixel_values',
  'image-to-image': 'pixel_values',
  'image-feature-extraction': 'pixel_values',
};
const ONLY_OUTPUT: Partial<Record<Task, string>> = {
  'image-classification': 'logits',
  'audio-classification': 'logits',
  'depth-estimation': 'predicted_depth',
  'image-to-image': 'reconstruction',
  'image-feature-extraction': 'last_hidden_state',
};

/**
 * A runtime whose sessions tell of each run, and answer to the names that transformers.js uses: a graph with one input and one output that another
 * exporter wrote (PaddlePaddle, timm, Keras) calls them as it likes, and there is no doubt which is which.
 */
export function watchedRuntime(ort: Ort, task: Task, watch: RunWatch): Pick<Ort, 'InferenceSession' | 'Tensor' | 'env'> {
  const create = async (...args: unknown[]) => {
    const session: InferenceSession = await Reflect.apply(ort.InferenceSession.create, ort.InferenceSession, args);
    const { inputNames, outputNames } = session;
    const isModel = watch.isLoading();
    const renamed = {
      input: isModel ? onlyOne(inputNames, GIVEN, ONLY_INPUT[task]) : undefined,
      output: isModel ? onlyOne(outputNames, Object.values(ONLY_OUTPUT), ONLY_OUTPUT[task]) : undefined,
    };
    const run = async (feeds: Record<string, Tensor>, rest: readonly unknown[]): Promise<Record<string, Tensor>> => {
      await watch.before();
      const fed = renamed.input ? { [renamed.input.own]: feeds[renamed.input.name] } : feeds;
      const outputs: Record<string, Tensor> = await Reflect.apply(session.run, session, [fed, ...rest]);
      watch.after();
      const only = renamed.output && outputs[renamed.output.own];
      if (!renamed.output || !only) return outputs;
      return { [renamed.output.name]: renamed.output.name === 'logits' ? asLogits(ort, only) : only };
    };
    // transformers.js 4.3 chains the runs of a realm: after one that rejects, each later one would reject with the same reason.
    const watched = (feeds: Record<string, Tensor>, ...rest: unknown[]): Promise<Record<string, Tensor>> =>
      run(feeds, rest).catch((reason: unknown) => {
        watch.failed(reason);
        return {};
      });
    // The session itself goes by its own names: it checks what it is fed against them.
    const shown: Readonly<Record<string, unknown>> = {
      run: watched,
      ...(renamed.input ? { inputNames: [renamed.input.name] } : {}),
      ...(renamed.output ? { outputNames: [renamed.output.name] } : {}),
    };
    return new Proxy(session, {
      get(target, key) {
        if (typeof key === 'string' && Object.hasOwn(shown, key)) return shown[key];
        const own: unknown = Reflect.get(target, key, target);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  };
  const factory = new Proxy(ort.InferenceSession, { get: (target, key) => (key === 'create' ? create : Reflect.get(target, key)) });
  return { Tensor: ort.Tensor, env: ort.env, InferenceSession: factory };
}

function onlyOne(names: readonly string[], known: readonly (string | undefined)[], name: string | undefined) {
  const [own] = names;
  return own !== undefined && names.length === 1 && name !== undefined && !known.includes(own) ? { own, name } : undefined;
}

/** A graph that ends in its softmax gives shares already: their logarithms come out of a second one as they were. */
function asLogits(ort: Ort, tensor: Tensor): Tensor {
  const { data, dims } = tensor;
  const classes = dims.at(-1) ?? 0;
  if (!(data instanceof Float32Array) || classes < 2) return tensor;
  for (let row = 0; row < data.length; row += classes) {
    const shares = data.subarray(row, row + classes);
    const isShared = shares.every((share) => share >= 0) && Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-3;
    if (!isShared) return tensor;
  }
  return new ort.Tensor(
    'float32',
    data.map((share) => Math.log(Math.max(share, 1e-30))),
    dims,
  );
}
