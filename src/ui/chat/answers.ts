import type { Head, Message } from '../../core/chat/conversation.ts';
import { isAbort, toSillError } from '../../core/errors.ts';
import { writingLock } from '../../protocol/locks.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';
import { noteUse } from '../used-models.ts';
import { answerOf, ask } from './asking.ts';
import type { Looking } from './finding.ts';

/** An answer is written at least so often while it grows: a killed browser loses no more. A write of a few kilobytes takes some milliseconds. */
const SAVE_MS = 1000;

export interface Run {
  readonly conversation: string;
  /** As it is by now. */
  message: Message;
  readonly abort: AbortController;
  /** While passages for the question are looked for: how far the reading of its files is. */
  looking?: Looking | undefined;
  savedAtMs: number;
  saving: boolean;
}

export interface AnswersDeps {
  readonly sill: Pick<Sill, 'chat'>;
  readonly activity: Activity;
  /** The question with what was found for it. */
  look(asked: Asked, signal: AbortSignal, onProgress: (looking: Looking) => void): Promise<Message>;
  /** It is shown and stored. Never rejects. */
  found(conversation: string, question: Message): Promise<void>;
  /** Never rejects. */
  save(conversation: string, message: Message): Promise<void>;
  /** Something was said: to be drawn with the next frame. */
  told(run: Run): void;
  /** It ended, one way or another, and was saved. */
  ended(run: Run): void;
}

export interface Asked {
  readonly head: Head;
  readonly path: readonly Message[];
  readonly contextLength: number | undefined;
  readonly begun: Message;
}

/** Answers under way in this tab, one in each conversation at most. They go on whatever is looked at. */
export class Answers {
  readonly #runs = new Map<string, Run>();
  readonly #deps: AnswersDeps;

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  of(conversation: string): Run | undefined {
    return this.#runs.get(conversation);
  }

  stop(conversation: string): void {
    this.#runs.get(conversation)?.abort.abort();
  }

  /** What there is by now, for a page that may be gone in a moment. */
  async saveAll(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => this.#save(run)));
  }

  /**
   * @param first writes what begins it; the answer is asked for once that is stored
   * @returns when it is stored, or could not be. The answer goes on
   */
  begin(asked: Asked, first: () => Promise<boolean>): Promise<void> {
    noteUse(asked.head.model);
    const run: Run = {
      conversation: asked.head.id,
      message: asked.begun,
      abort: new AbortController(),
      savedAtMs: performance.now(),
      saving: false,
    };
    this.#runs.set(run.conversation, run);
    return new Promise((begun) => {
      const work = async (): Promise<void> => {
        try {
          const stored = await first();
          begun();
          if (stored) await this.#answer(run, asked);
        } finally {
          begun();
          if (this.#runs.get(run.conversation) === run) this.#runs.delete(run.conversation);
          this.#deps.ended(run);
        }
      };
      // While it is held, other tabs know that the answer was not cut off.
      void this.#deps.activity.during(() => navigator.locks.request(writingLock(run.message.id), work));
    });
  }

  async #answer(run: Run, asked: Asked): Promise<void> {
    try {
      run.message = await ask(this.#deps.sill, await this.#withFound(run, asked), run.abort.signal, (message) => {
        run.message = message;
        this.#deps.told(run);
        if (!run.saving && performance.now() - run.savedAtMs > SAVE_MS) void this.#save(run);
      });
    } catch (reason) {
      const { code, message, details } = toSillError(reason);
      const answer = answerOf(run.message);
      run.message = {
        ...run.message,
        answer: isAbort(reason) ? { ...answer, state: 'stopped' } : { ...answer, state: 'failed', error: { code, message, details } },
      };
    }
    await this.#deps.save(run.conversation, run.message);
  }

  /** What was found once is kept with the question: another answer to it is given the same. */
  async #withFound(run: Run, asked: Asked): Promise<Asked> {
    const question = asked.path.at(-1);
    if (!question?.sources || question.given) return asked;
    const tell = (looking: Looking): void => {
      run.looking = looking;
      this.#deps.told(run);
    };
    tell({ donePassages: 0, totalPassages: 0 });
    try {
      const found = await this.#deps.look(asked, run.abort.signal, tell);
      await this.#deps.found(run.conversation, found);
      return { ...asked, path: [...asked.path.slice(0, -1), found] };
    } finally {
      run.looking = undefined;
    }
  }

  async #save(run: Run): Promise<void> {
    run.saving = true;
    await this.#deps.save(run.conversation, run.message);
    run.saving = false;
    run.savedAtMs = performance.now();
  }
}
