import type { ModelId } from '../../core/ids.ts';
import type { ReadAheadRequest } from '../../ports/generation.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Metrics } from './metrics.ts';

/** Before it begins. Programs that ask one thing after the other leave less between, and would wait for a piece that is under way. */
const PAUSE_MS = 250;

/** What is needed of a session. */
interface Reading {
  readonly model: Pick<LoadedModel, 'readAhead'>;
}

/**
 * Has a model read the latest conversation that was answered while nobody asks for anything, so that its next turn waits for the new words only
 * (docs/decisions/0047). It takes no place in a line, holds no model in memory, and fails without a word: a next turn is answered the same without it.
 */
export interface ReadAhead {
  /** A turn was answered. In place of what was offered before. */
  offer(id: ModelId, session: Reading, conversation: ReadAheadRequest): void;
  /** A request has come: whatever is being read is left at the next piece. */
  stop(): void;
  /** A request has left: if it was the last one, reading begins after a pause, or goes on. */
  look(): void;
  /** Whoever wrote the conversation is gone: it is read no further, and is no more to be read. */
  forget(): void;
}

export interface ReadAheadDeps {
  /** Nobody waits for an answer of any model. */
  readonly isIdle: () => boolean;
  /** Whether power is to be had for what nobody asked for yet. */
  readonly isLowOnPower: () => boolean;
  /** Whether models take less memory than they may. */
  readonly hasRoom: () => Promise<boolean>;
  readonly metrics: Pick<Metrics, 'readAhead' | 'readAheadEnded'>;
}

export function createReadAhead({ isIdle, isLowOnPower, hasRoom, metrics }: ReadAheadDeps): ReadAhead {
  let latest: { readonly id: ModelId; readonly session: Reading; readonly conversation: ReadAheadRequest } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;

  const read = async (): Promise<void> => {
    const mine = latest;
    if (!mine || running || !isIdle() || isLowOnPower()) return;
    const abort = new AbortController();
    running = abort;
    let tokens = 0;
    const onRead = (more: number) => {
      tokens += more;
      metrics.readAhead(mine.id, more);
      if (isLowOnPower()) abort.abort();
    };
    try {
      if (!(await hasRoom()) || abort.signal.aborted) return;
      await mine.session.model.readAhead(mine.conversation, { signal: abort.signal, onRead });
      if (tokens > 0) metrics.readAheadEnded(mine.id, 'finished');
    } catch {
      // It was told to stop, or the model is gone: the next turn reads the rest itself.
      metrics.readAheadEnded(mine.id, 'interrupted');
    } finally {
      // What a request stopped is tried again behind it, unless that brought a newer conversation.
      if (latest === mine && !abort.signal.aborted) latest = undefined;
      if (running === abort) running = undefined;
    }
  };

  const look = () => {
    clearTimeout(timer);
    if (latest) timer = setTimeout(() => void read(), PAUSE_MS);
  };

  const stop = () => {
    clearTimeout(timer);
    running?.abort();
    running = undefined;
  };

  return {
    offer(id, session, conversation) {
      latest = { id, session, conversation };
    },
    stop,
    look,
    forget() {
      latest = undefined;
      stop();
    },
  };
}
