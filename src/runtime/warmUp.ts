import type { CausalModel } from './causalModel.ts';
import type { TextTokenizer } from './tokenizer.ts';
import type { Turns } from './turns.ts';

/** So long nobody computes before a call of it: a program that asks at once need not wait for one. */
const PAUSE_MS = 250;

/**
 * Tokens of the calls. ONNX Runtime compiles a shader for a GPU when a call first needs it, and which one that is depends on how many tokens a call
 * has: one, two or three, more, or more than 32, where another attention begins. A test holds that nothing is left to compile behind these.
 */
export const GPU_CALLS: readonly number[] = [24, 1, 2, 33];
/**
 * On the processor the first call of all waits for V8, for threads and for room (170 ms for stories15M where the second takes 20), and one of several tokens
 * goes other ways than one of one. As short as they can be: whoever asks meanwhile waits for the end of one.
 */
export const PROCESSOR_CALLS: readonly number[] = [1, 2];

/** As a conversation begins. What a template and a tokenizer run for the first time takes ten times as long as for the second (46 and 3 ms for 180 tokens). */
const CONVERSATION = [
  {
    role: 'system',
    content: 'You answer in plain words, briefly, and say so when you do not know. Nobody minds a short answer: it is read sooner.',
  },
  { role: 'user', content: 'Where is the way out, please?' },
] as const;
const PLAIN_TEMPLATE = '{% for message in messages %}{{ message.content }} {% endfor %}';

interface Warming {
  readonly model: Pick<CausalModel, 'start' | 'vocabularySize'>;
  readonly tokenizer: Pick<TextTokenizer, 'chat'>;
  readonly turns: Turns;
  /** How long a call took. Not of the first, which waits for what no other does. */
  readonly onCall?: ((tookMs: number, tokens: number) => void) | undefined;
}

export interface WarmUp {
  /** For good, after the call that is under way. */
  stop(): void;
  /** Settles when it is through, or was stopped. */
  readonly ended: Promise<void>;
}

/**
 * Has a model do for the first time what prompts and answers will need, while nobody asks it for anything.
 * @param calls tokens of each
 */
export function warmUp({ model, tokenizer, turns, onCall }: Warming, calls: readonly number[], pauseMs = PAUSE_MS): WarmUp {
  let isStopped = false;

  const idle = async () => {
    for (;;) {
      const before = turns.taken;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (isStopped || (turns.waiting === 0 && turns.taken === before)) return;
    }
  };

  const run = async () => {
    for (const [i, count] of calls.entries()) {
      await idle();
      if (isStopped) return;
      if (i === 0) readConversation(tokenizer);
      await turns.take(async () => {
        const sequence = model.start();
        const beganMs = performance.now();
        try {
          await sequence.forward(Array.from({ length: count }, (_, i) => i % model.vocabularySize));
          if (i > 0) onCall?.(performance.now() - beganMs, count);
        } finally {
          sequence.release();
        }
      });
    }
  };

  return {
    // What failed fails again for whoever asks, who is told.
    ended: run().catch(() => undefined),
    stop() {
      isStopped = true;
    },
  };
}

function readConversation(tokenizer: Pick<TextTokenizer, 'chat'>): void {
  for (const template of [undefined, PLAIN_TEMPLATE]) {
    try {
      tokenizer.chat(CONVERSATION, template);
      return;
    } catch {
      // There is none, or it refuses what is not its own: whoever asks brings one.
    }
  }
}
