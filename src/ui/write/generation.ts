import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbort, type SillError, toSillError } from '../../core/errors.ts';
import type { Completion, CompletionRequest, FinishReason, Usage } from '../../protocol/openai.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';

/** How one generation ended: by the model, by its limit, or by the person. */
export type Ending = FinishReason | 'stopped';

export interface GenerationResult {
  readonly ending: Ending;
  readonly usage?: Usage;
  readonly run?: NonNullable<Completion['sill']>;
  /** Seed that gave this text. */
  readonly seed: number;
}

/** One streamed continuation at a time: its prompt, its text so far, and how it ended. */
export class Generation implements ReactiveController {
  status: 'idle' | 'running' | 'done' | 'failed' = 'idle';
  prompt = '';
  text = '';
  error: SillError | undefined;
  result: GenerationResult | undefined;
  readonly #host: ReactiveControllerHost;
  #abort: AbortController | undefined;
  #frame: number | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get running(): boolean {
    return this.status === 'running';
  }

  stop(): void {
    this.#abort?.abort();
  }

  clear(): void {
    if (this.running) return;
    this.status = 'idle';
    this.prompt = '';
    this.text = '';
    this.error = undefined;
    this.result = undefined;
    this.#host.requestUpdate();
  }

  async run(sill: Sill, activity: Activity, request: CompletionRequest & { readonly seed: number }): Promise<void> {
    if (this.running) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.status = 'running';
    this.prompt = request.prompt;
    this.text = '';
    this.error = undefined;
    this.result = undefined;
    this.#host.requestUpdate();
    try {
      await activity.during(() => this.#stream(sill, request, abort.signal));
      this.status = 'done';
    } catch (error) {
      if (isAbort(error)) {
        this.status = 'done';
        this.result = { ending: 'stopped', seed: request.seed };
      } else {
        this.status = 'failed';
        this.error = toSillError(error);
      }
    } finally {
      this.#render();
    }
  }

  async #stream(sill: Sill, request: CompletionRequest & { readonly seed: number }, signal: AbortSignal): Promise<void> {
    const chunks = await sill.completions.create({ ...request, stream: true, stream_options: { include_usage: true } }, { signal });
    let ending: Ending = 'stopped';
    let usage: Usage | undefined;
    let run: Completion['sill'];
    for await (const chunk of chunks) {
      const choice = chunk.choices[0];
      this.text += choice?.text ?? '';
      ending = choice?.finish_reason ?? ending;
      usage = chunk.usage ?? usage;
      run = chunk.sill ?? run;
      // Hundreds of tokens a second arrive: the screen is drawn once a frame.
      this.#frame ??= requestAnimationFrame(() => this.#render());
    }
    this.result = { ending, seed: request.seed, ...(usage && { usage }), ...(run && { run }) };
  }

  #render(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#host.requestUpdate();
  }
}
