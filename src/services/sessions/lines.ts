import { counted } from '../../core/counted.ts';
import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { createRequestQueue, type Priority, type QueuedRequest, type RequestQueue } from '../../core/requestQueue.ts';
import type { Clock } from '../../ports/clock.ts';
import { orAbort } from '../orAbort.ts';

/**
 * Requests to one model that are under way together; they take turns with each token. More would only wait longer for their first one, each with
 * a cache of its own in memory. As llama.cpp's default number of slots.
 */
const TOGETHER = 4;
/** One place is always for those that somebody waits for. */
const TOGETHER_IN_BACKGROUND = 3;
/** Requests that may wait for one model before the next is refused. */
const MAX_WAITING = 64;
/** Of these, how many of one client. */
const MAX_WAITING_OF_ONE = 48;
/** How much the last request counts in the mean of how long one takes. */
const LATEST_SHARE = 0.3;

/** How a request wants to be treated. */
export interface Asked {
  /** Absent: somebody waits for it. */
  readonly priority?: Priority | undefined;
  /** Whoever asks, so that nobody waits for the fifty requests of another. Absent: the engine itself. */
  readonly client?: string | undefined;
  /** What is measured waits until no other request is under way, and lets none begin. */
  readonly alone?: boolean | undefined;
}

export interface Ticket extends QueuedRequest {
  readonly id: ModelId;
  readonly signal: AbortSignal;
  /** Of all requests to this engine, in the order in which they came. */
  readonly number: number;
}

/** Where a request stands. */
export interface Place {
  /** Of one that waits: how many that came before it wait for the same model. Absent once its turn has come. */
  readonly before?: number;
}

/** A line of requests for each model. */
export interface Lines {
  /**
   * Runs `work` when its turn comes. Its place is free at once when it ends, is cancelled or fails, at whatever stage.
   * @throws SillError `busy` with `waiting` and `retryAfterSeconds` | `aborted` | what `work` throws
   */
  run<T>(id: ModelId, asked: Asked & { readonly signal: AbortSignal }, work: (ticket: Ticket) => Promise<T>): Promise<T>;
  underWay(id: ModelId): number;
  /** Turns that have begun since the start, of all models: of something else in between, if it grew over one that nothing of its model is beside. */
  begun(): number;
  waiting(id: ModelId): number;
  /** By its signal. Undefined for one that stands in no line. */
  placeOf(signal: AbortSignal): Place | undefined;
  /** Models that were ever asked for something. */
  ids(): ModelId[];
  /** To be called when `mayBegin` may have become true of somebody. */
  look(): void;
  /** Since the last request to any model ended; 0 while there is one. */
  idleMs(): number;
}

interface Line {
  readonly queue: RequestQueue<Ticket>;
  /** Mean time of a request, newer ones counting more. */
  meanMs?: number;
}

export interface LinesDeps {
  readonly clock: Clock;
  /** Asked of whoever would be next. */
  readonly mayBegin: (ticket: Ticket) => boolean;
  /** Before a request waits for its turn. */
  readonly onArrive: () => void;
  /** After a request has left, for whatever reason, and those who could have begun in its place. */
  readonly onLeave: (id: ModelId) => void;
}

export function createLines({ clock, mayBegin, onArrive, onLeave }: LinesDeps): Lines {
  const lines = new Map<ModelId, Line>();
  const begins = new Map<Ticket, () => void>();
  const begun = new Set<Ticket>();
  let numbers = 0;
  let turns = 0;
  let lastEndMs = clock.monotonicMs();

  const lineOf = (id: ModelId): Line => {
    const line = lines.get(id) ?? {
      queue: createRequestQueue<Ticket>({
        ...{ places: TOGETHER, backgroundPlaces: TOGETHER_IN_BACKGROUND },
        ...{ waiting: MAX_WAITING, waitingOfOne: MAX_WAITING_OF_ONE },
      }),
    };
    lines.set(id, line);
    return line;
  };

  const advance = ({ queue }: Line) => {
    for (let next = queue.next(mayBegin); next; next = queue.next(mayBegin)) begins.get(next)?.();
  };

  return {
    async run(id, { signal, priority = 'interactive', client = '', alone = false }, work) {
      const line = lineOf(id);
      numbers += 1;
      const ticket: Ticket = { id, signal, priority, client, places: alone ? TOGETHER : 1, number: numbers };
      if (!line.queue.add(ticket)) throw busy(id, line, client);
      onArrive();
      try {
        const turn = new Promise<void>((resolve) => begins.set(ticket, resolve));
        advance(line);
        await orAbort(turn, signal);
        turns += 1;
        begun.add(ticket);
        const beganMs = clock.monotonicMs();
        const result = await work(ticket);
        const tookMs = clock.monotonicMs() - beganMs;
        line.meanMs = line.meanMs === undefined ? tookMs : line.meanMs + (tookMs - line.meanMs) * LATEST_SHARE;
        return result;
      } finally {
        begins.delete(ticket);
        begun.delete(ticket);
        line.queue.leave(ticket);
        lastEndMs = clock.monotonicMs();
        advance(line);
        // Names that nobody ever got an answer from are not kept.
        if (line.meanMs === undefined && line.queue.waiting + line.queue.underWay === 0) lines.delete(id);
        onLeave(id);
      }
    },
    underWay: (id) => lines.get(id)?.queue.underWay ?? 0,
    begun: () => turns,
    waiting: (id) => lines.get(id)?.queue.waiting ?? 0,
    placeOf(signal) {
      const all = [...begins.keys()];
      const own = all.find((ticket) => ticket.signal === signal);
      if (!own) return undefined;
      if (begun.has(own)) return {};
      return { before: all.filter((each) => each.id === own.id && !begun.has(each) && each.number < own.number).length };
    },
    ids: () => [...lines.keys()],
    look() {
      for (const line of lines.values()) advance(line);
    },
    idleMs: () => ([...lines.values()].some(({ queue }) => queue.waiting > 0 || queue.underWay > 0) ? 0 : clock.monotonicMs() - lastEndMs),
  };
}

function busy(id: ModelId, { queue, meanMs = 0 }: Line, client: string): SillError {
  const { waiting, underWay } = queue;
  const own = queue.waitingOf(client);
  // Until one of those that wait has begun.
  const retryAfterSeconds = Math.max(1, Math.ceil(meanMs / TOGETHER / 1000));
  const whose = own === waiting ? '' : `, ${own} of them from here`;
  return new SillError(
    'busy',
    `${id} has ${counted(waiting, 'request')} waiting already${whose}. Try again in about ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}, or send fewer at once.`,
    { details: { id, waiting, ownWaiting: own, underWay, retryAfterSeconds } },
  );
}
