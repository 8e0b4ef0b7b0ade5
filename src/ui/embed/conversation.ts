import { SillError } from '../../core/errors.ts';
import type { ChatRequest } from '../../protocol/openaiRequests.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { OneRun } from '../one-run.ts';

export interface Turn {
  readonly role: 'user' | 'assistant';
  text: string;
}

type Asked = {
  readonly model: string;
  readonly instructions?: string | undefined;
  /** What was evaluated of them stays for the next run. */
  readonly keepsInstructions?: boolean;
};

/** One conversation, kept nowhere: it ends with the frame. */
export class Conversation extends OneRun {
  turns: readonly Turn[] = [];
  /** The last answer went well and says nothing. */
  wordless = false;
  #frame: number | undefined;

  clear(): void {
    if (this.running) return;
    this.turns = [];
    this.wordless = false;
    this.become('idle');
  }

  async say(sill: Sill, activity: Activity, text: string, asked: Asked): Promise<void> {
    if (this.running) return;
    const answer: Turn = { role: 'assistant', text: '' };
    this.wordless = false;
    this.turns = [...this.turns, { role: 'user', text }, answer];
    await this.during(activity, async (signal) => {
      for await (const piece of pieces(sill, this.turns.slice(0, -1), asked, signal)) {
        answer.text += piece;
        this.#frame ??= requestAnimationFrame(() => this.draw());
      }
    });
    // What nobody answered is not a part of what is said next.
    if (answer.text.trim() === '') {
      this.turns = this.turns.slice(0, -1);
      this.wordless = this.status === 'done';
    }
    this.draw();
  }

  protected override draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    super.draw();
  }
}

/** A model that holds no conversations goes on with what was written last. */
async function* pieces(
  sill: Sill,
  turns: readonly Turn[],
  { model, instructions, keepsInstructions }: Asked,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const messages: ChatRequest['messages'] = [
    ...(instructions ? [{ role: 'system' as const, content: instructions }] : []),
    ...turns.map(({ role, text }) => ({ role, content: text })),
  ];
  try {
    const chunks = await sill.chat.completions.create(
      { model, messages, stream: true, ...(instructions && keepsInstructions ? { cache_prompt: 'persist' as const } : {}) },
      { signal },
    );
    for await (const { choices } of chunks) yield choices[0]?.delta.content ?? '';
  } catch (reason) {
    if (!(reason instanceof SillError) || reason.code !== 'chat_template_missing') throw reason;
    const chunks = await sill.completions.create({ model, prompt: turns.at(-1)?.text ?? '', stream: true }, { signal });
    for await (const { choices } of chunks) yield choices[0]?.text ?? '';
  }
}
