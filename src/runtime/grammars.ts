import { SillError } from '../core/errors.ts';
import { type Client, createClient } from '../protocol/client.ts';
import type { Allowed, GrammarContract } from '../protocol/grammar.ts';

/** What an answer is held to, while it grows. */
export interface Constraint {
  /** Takes up a token of the answer. What may follow is worked out from here on, beside the model's next step. */
  accept(id: number): void;
  /** Takes up a token that others follow at once. */
  follow(id: number): void;
  /**
   * What may come next.
   * @throws SillError `unsupported_schema` for a grammar that cannot be compiled, `invalid_request` when its tokens do not fit, `aborted`
   */
  allowed(signal: AbortSignal): Promise<Allowed>;
  /** Nothing more is asked. */
  end(): void;
}

export interface Grammars {
  begin(grammar: string): Constraint;
}

export interface GrammarsSetup {
  /** Starts the worker that holds the grammars; the first answer that needs one does. */
  readonly spawn: () => Worker;
  /** Bytes of each token in GPT-2's alphabet, '' for one that no text has. */
  readonly tokens: () => readonly string[];
  readonly stopTokenIds: readonly number[];
  readonly limitMs?: number;
  readonly openMs?: number;
}

/** What is not ready by then never will be: a grammar of six properties takes a tenth of a second. */
const LIMIT_MS = 30_000;
/** A worker that has not opened by then hangs, or its script is not to be had. */
const OPEN_MS = 30_000;
/** Its memory comes back with its end, and it starts in half a second. */
const IDLE_MS = 5 * 60_000;

interface Realm {
  readonly client: Client<GrammarContract>;
  readonly opened: Promise<null>;
  /** It did not open in time: another one is not waited for as long. */
  readonly isStuck: () => boolean;
  end(reason: SillError): void;
}

/**
 * Grammars are compiled and matched in a worker of their own: compiling takes no turn of the model's, the next mask is made while the model
 * computes, and a failure of xgrammar, which ends it for good, costs neither the model nor other answers: those start again in the next worker.
 */
export function createGrammars({ spawn, tokens, stopTokenIds, limitMs = LIMIT_MS, openMs = OPEN_MS }: GrammarsSetup): Grammars {
  let current: Realm | undefined;
  let open = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;

  const start = (): Realm => {
    const worker = spawn();
    const client = createClient<GrammarContract>(worker);
    let isStuck = false;
    // Of one that hangs, or dies without a word, nothing else tells.
    const opening = setTimeout(() => {
      isStuck = true;
      realm.end(lost('it did not start in time'));
    }, openMs);
    const realm: Realm = {
      client,
      isStuck: () => isStuck,
      opened: client.call('open', { tokens: [...tokens()], stopTokenIds: [...stopTokenIds] }),
      end(reason) {
        clearTimeout(opening);
        if (current === realm) current = undefined;
        worker.terminate();
        client.close(reason);
      },
    };
    realm.opened.then(
      () => clearTimeout(opening),
      () => undefined,
    );
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      realm.end(lost(event.message ?? 'its script could not be loaded'));
    });
    return realm;
  };

  const rest = () => {
    if (open > 0) return;
    idle = setTimeout(() => current?.end(lost('it was not needed')), IDLE_MS);
  };

  return {
    begin(grammar) {
      open += 1;
      clearTimeout(idle);
      const tokenIds: number[] = [];
      let sent = 0;
      let place: { readonly realm: Realm; readonly matcher: number } | undefined;
      let isOver = false;

      const ask = async (realm: Realm): Promise<Allowed> => {
        await realm.opened;
        const wanted = tokenIds.length;
        let isTooSlow = false;
        // A worker that died without a word is missed by this as well.
        const timer = setTimeout(() => {
          isTooSlow = true;
          realm.end(lost('a grammar took too long'));
        }, limitMs);
        try {
          if (place?.realm === realm) {
            const allowed = await realm.client.call('accept', { matcher: place.matcher, tokenIds: tokenIds.slice(sent, wanted) });
            sent = wanted;
            return allowed;
          }
          const begun = await realm.client.call('start', { grammar, tokenIds: tokenIds.slice(0, wanted) });
          place = { realm, matcher: begun.matcher };
          sent = wanted;
          return begun.allowed;
        } catch (reason) {
          throw isTooSlow ? tooSlow() : reason;
        } finally {
          clearTimeout(timer);
        }
      };

      /** Another answer's grammar may have taken the worker with it. */
      const persist = async (): Promise<Allowed> => {
        for (let tries = 1; ; tries++) {
          current ??= start();
          const realm = current;
          try {
            return await ask(realm);
          } catch (reason) {
            if (!(reason instanceof SillError)) throw reason;
            if (reason.code === 'internal') {
              realm.end(lost('a grammar broke it'));
              throw broken(reason);
            }
            if (reason.code !== 'worker_lost') throw reason;
            if (tries > 2 || isOver || realm.isStuck()) throw unavailable(reason);
          }
        }
      };

      let next = persist();
      const settled = () => next.then(noop, noop);
      void settled();
      const again = () => {
        next = settled().then(persist);
        void settled();
      };
      let isBehind = false;

      return {
        accept(id) {
          tokenIds.push(id);
          isBehind = false;
          again();
        },
        follow(id) {
          tokenIds.push(id);
          isBehind = true;
        },
        allowed(signal) {
          if (isBehind) {
            isBehind = false;
            again();
          }
          return unlessAborted(next, signal);
        },
        end() {
          if (isOver) return;
          isOver = true;
          open -= 1;
          // Not before its last question is answered: the matcher may be on its way.
          void settled().then(() => place?.realm.client.call('end', { matcher: place.matcher }).catch(noop));
          rest();
        },
      };
    },
  };
}

const noop = (): void => undefined;

const lost = (why: string): SillError =>
  new SillError('worker_lost', `The worker that holds answers to their form stopped: ${why}. Ask again.`, { details: { reason: why } });

/** Not as a loss of the model, which would be started again for it. */
const unavailable = (reason: SillError): SillError =>
  new SillError(
    'internal',
    `What holds an answer to its form does not start: ${reason.message} If it was never there, connect to the network once; else ask without response_format and tools.`,
    { details: reason.details, cause: reason },
  );

const tooSlow = (): SillError =>
  new SillError(
    'unsupported_schema',
    'The schema is too large to be prepared in time. Ask for less at once: fewer properties, shorter limits.',
  );

const broken = (reason: SillError): SillError =>
  new SillError(
    'unsupported_schema',
    `The schema could not be prepared: ${reason.message} Simplify it, or report it to the makers of this app.`,
    {
      details: reason.details,
      cause: reason,
    },
  );

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
