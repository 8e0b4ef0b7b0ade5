import type { ChatCompletionChunk } from '../../protocol/openai.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { OneRun } from '../one-run.ts';

/** One question to a model at a time, and what it answers. */
export class Trial extends OneRun {
  answer = '';
  run: ChatCompletionChunk['sill'];

  clear(): void {
    this.stop();
    this.answer = '';
    this.run = undefined;
    this.become('idle');
  }

  async ask(sill: Sill, activity: Activity, model: string, question: string): Promise<void> {
    if (this.running) return;
    this.answer = '';
    this.run = undefined;
    await this.during(activity, async (signal) => {
      const chunks = await sill.chat.completions.create(
        { model, messages: [{ role: 'user', content: question }], stream: true },
        { signal },
      );
      for await (const chunk of chunks) {
        this.answer += chunk.choices[0]?.delta.content ?? '';
        this.run = chunk.sill ?? this.run;
        this.draw();
      }
    });
  }
}
