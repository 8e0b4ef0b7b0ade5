import type { CausalModel } from './causalModel.ts';
import type { Turns } from './turns.ts';

/** So long nobody computes before a call of it: a program that asks at once need not wait for one. */
const PAUSE_MS = 250;

/**
 * Tokens of the calls. ONNX Runtime compiles a shader for a GPU when a call first needs it, and which one that is depends on how many tokens a call
 * has: one, two or three, more, or more than 32, where another attention begins. A test holds that nothing is left to compile behind these.
 */
const CALLS = [24, 1, 2, 33];

interface Warming {
  readonly model: Pick<CausalModel, 'start' | 'vocabularySize'>;
  readonly turns: Turns;
}

export interface WarmUp {
  /** For good, after the call that is under way. */
  stop(): void;
  /** Settles when it is through, or was stopped. */
  readonly ended: Promise<void>;
}

/** Has a model on a GPU compile all that prompts and answers will need, while nobody asks it for anything. */
export function warmUp({ model, turns }: Warming, pauseMs = PAUSE_MS): WarmUp {
  let isStopped = false;

  const idle = async () => {
    for (;;) {
      const before = turns.taken;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (isStopped || (turns.waiting === 0 && turns.taken === before)) return;
    }
  };

  const run = async () => {
    for (const count of CALLS) {
      await idle();
      if (isStopped) return;
      await turns.take(async () => {
        const sequence = model.start();
        try {
          await sequence.forward(Array.from({ length: count }, (_, i) => i % model.vocabularySize));
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
