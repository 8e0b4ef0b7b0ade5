const PRIORITIES = ['interactive', 'background'] as const;
/** `interactive`: somebody waits for the answer. `background`: evaluations, measurements, indexing. */
export type Priority = (typeof PRIORITIES)[number];

export interface QueuedRequest {
  /** Whoever asks: a tab, a page that embeds Sill. */
  readonly client: string;
  readonly priority: Priority;
  /** How many it takes. All of them: nothing else is under way meanwhile. */
  readonly places: number;
}

export interface QueueLimits {
  /** Requests that may be under way together. */
  readonly places: number;
  /** Of these, how many for the background, so that whoever somebody waits for begins at once. One that needs all places gets them. */
  readonly backgroundPlaces: number;
  /** Requests that may wait. */
  readonly waiting: number;
  /** Of these, how many of one client: others find room beside it. */
  readonly waitingOfOne: number;
}

/** Requests to one model, those that wait and those under way. */
export interface RequestQueue<T extends QueuedRequest> {
  /** @returns false where it is full, of this client or altogether; then nothing changed */
  add(request: T): boolean;
  /**
   * The request that begins now, if one may.
   * @param mayBegin of the first request of each client; where it says no the client is passed over
   */
  next(mayBegin?: (request: T) => boolean): T | undefined;
  /** Of one that waits, is under way or set aside. */
  leave(request: T): void;
  /** One that is under way gives its places up and begins again later. Meanwhile it counts as one that waits to those who come, but is never next. */
  setAside(request: T): void;
  /** One that was set aside waits again, before all others of its client. */
  comeBack(request: T): void;
  /** Whether somebody waits who might begin if this one, which is under way, gave its places up. */
  isInTheWay(request: T): boolean;
  /** Whether somebody waits who would go before this one, which is under way, if it waited too: of a class above it, or of another client. */
  isBehindOthers(request: T): boolean;
  readonly waiting: number;
  readonly underWay: number;
  readonly aside: number;
  /** Those set aside among them. */
  waitingOf(client: string): number;
  /** Places that the client has. */
  placesOf(client: string): number;
}

/** So many interactive requests go before one of the background that waits: it comes late, but it comes. */
export const PATIENCE = 8;

/**
 * Interactive requests go first. Within a class the client goes that has the least under way, and among equals the one that was served
 * longest ago, so that one which sends fifty requests takes the turns that are left over. A client's own requests keep their order. Whoever is next
 * and needs more places than are free holds back all others until they are.
 */
export function createRequestQueue<T extends QueuedRequest>(limits: QueueLimits): RequestQueue<T> {
  /** By client, in the order in which they were served last. */
  const classes: Record<Priority, Map<string, T[]>> = { interactive: new Map(), background: new Map() };
  const running = new Set<T>();
  const aside = new Set<T>();
  const takenBy = new Map<string, number>();
  let waiting = 0;
  let taken = 0;
  let takenByBackground = 0;
  let passedOver = 0;

  const waitingOf = (client: string): number =>
    PRIORITIES.reduce((sum, priority) => sum + (classes[priority].get(client)?.length ?? 0), 0) +
    [...aside].filter((each) => each.client === client).length;

  const firstOf = (priority: Priority, mayBegin: (request: T) => boolean): T | undefined => {
    let best: T | undefined;
    for (const [client, [first]] of classes[priority]) {
      if (!first || !mayBegin(first)) continue;
      if (!best || (takenBy.get(client) ?? 0) < (takenBy.get(best.client) ?? 0)) best = first;
    }
    return best;
  };

  const take = (request: T) => {
    const line = classes[request.priority];
    const own = line.get(request.client) ?? [];
    own.splice(own.indexOf(request), 1);
    line.delete(request.client);
    if (own.length > 0) line.set(request.client, own);
    waiting -= 1;
  };

  /** Of one that is under way. */
  const stop = (request: T): boolean => {
    if (!running.delete(request)) return false;
    taken -= request.places;
    if (request.priority === 'background') takenByBackground -= request.places;
    const left = (takenBy.get(request.client) ?? 0) - request.places;
    if (left > 0) takenBy.set(request.client, left);
    else takenBy.delete(request.client);
    return true;
  };

  return {
    add(request) {
      if (waiting + aside.size >= limits.waiting || waitingOf(request.client) >= limits.waitingOfOne) return false;
      const line = classes[request.priority];
      const own = line.get(request.client) ?? [];
      own.push(request);
      line.set(request.client, own);
      waiting += 1;
      return true;
    },
    next(mayBegin = () => true) {
      const hasRoom = (request: T) =>
        request.priority === 'interactive' ||
        request.places === limits.places ||
        takenByBackground + request.places <= limits.backgroundPlaces;
      const admits = (request: T) => hasRoom(request) && mayBegin(request);
      const order: readonly Priority[] = passedOver >= PATIENCE ? ['background', 'interactive'] : PRIORITIES;
      const first = firstOf(order[0] ?? 'interactive', admits) ?? firstOf(order[1] ?? 'background', admits);
      if (!first || first.places > limits.places - taken) return undefined;
      take(first);
      running.add(first);
      taken += first.places;
      takenBy.set(first.client, (takenBy.get(first.client) ?? 0) + first.places);
      if (first.priority === 'background') takenByBackground += first.places;
      if (first.priority === 'background' || classes.background.size === 0) passedOver = 0;
      // With all of its places taken the background is not passed over: it is being served.
      else if (takenByBackground < limits.backgroundPlaces) passedOver += 1;
      return first;
    },
    leave(request) {
      if (stop(request) || aside.delete(request)) return;
      const line = classes[request.priority];
      const own = line.get(request.client);
      const at = own?.indexOf(request) ?? -1;
      if (!own || at < 0) return;
      own.splice(at, 1);
      if (own.length === 0) line.delete(request.client);
      waiting -= 1;
    },
    setAside(request) {
      if (stop(request)) aside.add(request);
    },
    comeBack(request) {
      if (!aside.delete(request)) return;
      const line = classes[request.priority];
      line.set(request.client, [request, ...(line.get(request.client) ?? [])]);
      waiting += 1;
    },
    isInTheWay({ priority }) {
      const free = limits.places - taken;
      const lines = [...classes.interactive.values(), ...classes.background.values()];
      return (priority === 'background' && classes.background.size > 0) || lines.flat().some(({ places }) => places > free);
    },
    isBehindOthers({ priority, client }) {
      if (priority === 'background' && classes.interactive.size > 0) return true;
      return [...classes[priority].keys()].some((other) => other !== client);
    },
    get waiting() {
      return waiting;
    },
    get underWay() {
      return running.size;
    },
    get aside() {
      return aside.size;
    },
    waitingOf,
    placesOf: (client) => takenBy.get(client) ?? 0,
  };
}
