import type { Completion, FinishReason, Usage } from '../../protocol/openai.ts';
import type { CompletionRequest } from '../../protocol/openaiRequests.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { OneRun } from '../one-run.ts';
import { noteUse } from '../used-models.ts';

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
export class Generation extends OneRun {
  prompt = '';
  text = '';
  result: GenerationResult | undefined;
  #seed = 0;
  #frame: number | undefined;

  clear(): void {
    if (this.running) return;
    this.#forget('');
    this.become('idle');
  }

  async run(sill: Sill, activity: Activity, request: CompletionRequest & { readonly seed: number }): Promise<void> {
    if (this.running) return;
    noteUse(request.model);
    this.#forget(request.prompt);
    this.#seed = request.seed;
    await this.during(activity, (signal) => this.#stream(sill, request, signal));
  }

  #forget(prompt: string): void {
    this.prompt = prompt;
    this.text = '';
    this.result = undefined;
  }

  /** What there is of a text by then is an answer. */
  protected override onStop(): void {
    this.status = 'done';
    this.result = { ending: 'stopped', seed: this.#seed };
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
      this.#frame ??= requestAnimationFrame(() => this.draw());
    }
    this.result = { ending, seed: request.seed, ...(usage && { usage }), ...(run && { run }) };
  }

  protected override draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    super.draw();
  }
}
