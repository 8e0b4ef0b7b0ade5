import { counted } from '../../core/counted.ts';
import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { createRequestQueue, type Priority, type QueuedRequest, type RequestQueue } from '../../core/requestQueue.ts';
import type { Clock } from '../../ports/clock.ts';
import { orAbort } from '../orAbort.ts';
import { createReading, PATIENCE_MS, PATIENCE_WITH_ALL_PLACES_MS, type Reading, type Watched } from './reading.ts';

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
/** How often it is looked whether a reader is too far behind, while one is behind at all. */
const LOOK_MS = 250;
/** How much the last request counts in the mean of how long one takes. */
const LATEST_SHARE = 0.3;

/** How a request wants to be treated. */
export interface Asked {
  /** Absent: somebody waits for it. */
  readonly priority?: Priority | undefined;
  /** Whoever asks, so that nobody waits for the fifty requests of another. Absent: the engine itself. */
  readonly client?: string | undefined;
  /** Waits until no other request is under way, and lets none begin: what is measured, and whatever a model computes for one request at a time. */
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
   * Runs `work` when its turn comes. Its place is free at once when it ends, is cancelled or fails, at whatever stage. Work that ends as `aborted`
   * because its reader is late, or because it gave way, gives its place to those who wait, and is run again in another turn once that reader has what it was given.
   * @throws SillError `busy` with `waiting` and `retryAfterSeconds` | `aborted` | what `work` throws
   */
  run<T>(id: ModelId, asked: Asked & { readonly signal: AbortSignal }, work: (ticket: Ticket, reading: Reading) => Promise<T>): Promise<T>;
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
  /** Another model waits for the memory of this one. */
  readonly isAwaited: (id: ModelId) => boolean;
  /** Before a request waits for its turn. */
  readonly onArrive: () => void;
  /** After a request has left, for whatever reason, and those who could have begun in its place. */
  readonly onLeave: (id: ModelId) => void;
}

export function createLines({ clock, mayBegin, isAwaited, onArrive, onLeave }: LinesDeps): Lines {
  const lines = new Map<ModelId, Line>();
  const begins = new Map<Ticket, () => void>();
  /** Those whose turn it is. */
  const begun = new Map<Ticket, Watched>();
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

  const isTooLate = (ticket: Ticket, behindMs: number): boolean => {
    const { queue } = lineOf(ticket.id);
    // What is alone has all places, and nobody reads it.
    if (ticket.places >= TOGETHER || !(queue.isInTheWay(ticket) || isAwaited(ticket.id))) return false;
    return behindMs >= (queue.placesOf(ticket.client) >= TOGETHER ? PATIENCE_WITH_ALL_PLACES_MS : PATIENCE_MS);
  };
  let looking: ReturnType<typeof setInterval> | undefined;
  const lookAtReaders = () => {
    const behind = [...begun]
      .map(([ticket, reading]) => ({ ticket, reading, behindMs: reading.late.aborted ? undefined : reading.behindMs() }))
      .filter((each): each is typeof each & { behindMs: number } => each.behindMs !== undefined)
      .sort((a, b) => b.behindMs - a.behindMs);
    if (behind.length === 0) {
      clearInterval(looking);
      looking = undefined;
    }
    // One of each model: it may be enough for those who wait.
    for (const id of new Set(behind.map(({ ticket }) => ticket.id))) {
      behind.find(({ ticket, behindMs }) => ticket.id === id && isTooLate(ticket, behindMs))?.reading.giveUp();
    }
  };
  const watchReaders = () => {
    looking ??= setInterval(lookAtReaders, LOOK_MS);
  };

  /** @returns undefined where it was given up for those who wait */
  const takeTurn = async <T>(
    line: Line,
    ticket: Ticket,
    work: (ticket: Ticket, reading: Reading) => Promise<T>,
  ): Promise<{ readonly answer: T } | undefined> => {
    const reading = createReading(clock, watchReaders, () => line.queue.isBehindOthers(ticket));
    turns += 1;
    begun.set(ticket, reading);
    const beganMs = clock.monotonicMs();
    try {
      const answer = await work(ticket, reading);
      const tookMs = clock.monotonicMs() - beganMs;
      line.meanMs = line.meanMs === undefined ? tookMs : line.meanMs + (tookMs - line.meanMs) * LATEST_SHARE;
      return { answer };
    } catch (reason) {
      const isGivenUp = reading.late.aborted && !ticket.signal.aborted && reason instanceof SillError && reason.code === 'aborted';
      if (!isGivenUp) throw reason;
    } finally {
      begun.delete(ticket);
    }
    line.queue.setAside(ticket);
    advance(line);
    onLeave(ticket.id);
    await orAbort(reading.taken, ticket.signal);
    line.queue.comeBack(ticket);
    return undefined;
  };

  return {
    async run(id, { signal, priority = 'interactive', client = '', alone = false }, work) {
      const line = lineOf(id);
      numbers += 1;
      const ticket: Ticket = { id, signal, priority, client, places: alone ? TOGETHER : 1, number: numbers };
      if (!line.queue.add(ticket)) throw busy(id, line, ticket);
      try {
        for (;;) {
          onArrive();
          const turn = new Promise<void>((resolve) => begins.set(ticket, resolve));
          advance(line);
          await orAbort(turn, signal);
          const ended = await takeTurn(line, ticket, work);
          if (ended) return ended.answer;
        }
      } finally {
        begins.delete(ticket);
        line.queue.leave(ticket);
        lastEndMs = clock.monotonicMs();
        advance(line);
        // Names that nobody ever got an answer from are not kept.
        const { waiting, underWay, aside } = line.queue;
        if (line.meanMs === undefined && waiting + underWay + aside === 0) lines.delete(id);
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

function busy(id: ModelId, { queue, meanMs = 0 }: Line, { client, places }: Ticket): SillError {
  const { underWay } = queue;
  const waiting = queue.waiting + queue.aside;
  const own = queue.waitingOf(client);
  // Until one of those that wait has begun.
  const retryAfterSeconds = Math.max(1, Math.ceil((meanMs * places) / TOGETHER / 1000));
  const whose = own === waiting ? '' : `, ${own} of them from here`;
  return new SillError(
    'busy',
    `${id} has ${counted(waiting, 'request')} waiting already${whose}. Try again in about ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}, or send fewer at once.`,
    { details: { id, waiting, ownWaiting: own, underWay, retryAfterSeconds } },
  );
}
