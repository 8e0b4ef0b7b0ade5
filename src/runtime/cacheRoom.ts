import { SillError } from '../core/errors.ts';
import { FIRST_POSITIONS } from './causalModel.ts';

/** What one request needs for its answers. */
export interface WantedRoom {
  readonly answers: number;
  /** That each of them may come to, the prompt included. */
  readonly tokens: number;
  /** What one token takes in a cache. */
  readonly tokenBytes: number;
  readonly contextLength: number;
  /** That there are for such requests together. */
  readonly ofBytes: number;
}

/**
 * Memory for the caches of requests that want several answers: together they have what models may take, one after the other where it is not enough
 * for all. A request for one answer is not counted here: as many as those have places belong to a model.
 */
export interface CacheRoom {
  /** @returns gives it back @throws SillError `invalid_request` for what is too much alone | what `signal` was aborted with */
  take(wanted: WantedRoom, signal: AbortSignal): Promise<() => void>;
}

/** Caches double as they grow. */
const bytesOf = ({ answers, tokens, tokenBytes, contextLength }: WantedRoom): number =>
  answers * Math.min(contextLength, Math.max(FIRST_POSITIONS, 2 * tokens)) * tokenBytes;

export function createCacheRoom(): CacheRoom {
  let takenBytes = 0;
  /** In the order in which they came: what needs much must not wait for ever for those that need less. */
  const line: Array<{ readonly bytes: number; readonly ofBytes: number; readonly begin: () => void }> = [];

  const look = () => {
    for (let [first] = line; first && takenBytes + first.bytes <= first.ofBytes; [first] = line) {
      line.shift();
      takenBytes += first.bytes;
      first.begin();
    }
  };

  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      const bytes = bytesOf(wanted);
      // Else it waited for itself.
      if (bytes > wanted.ofBytes) throw tooMany(wanted, bytes);
      let onAbort: (() => void) | undefined;
      await new Promise<void>((resolve, reject) => {
        const waiting = { bytes, ofBytes: wanted.ofBytes, begin: resolve };
        onAbort = () => {
          const at = line.indexOf(waiting);
          if (at < 0) return;
          line.splice(at, 1);
          reject(signal.reason);
          look();
        };
        signal.addEventListener('abort', onAbort, { once: true });
        line.push(waiting);
        look();
      }).finally(() => onAbort && signal.removeEventListener('abort', onAbort));
      return () => {
        takenBytes -= bytes;
        look();
      };
    },
  };
}

const mib = (bytes: number): number => Math.max(0, Math.ceil(bytes / 2 ** 20));

const tooMany = ({ answers, tokens, ofBytes }: WantedRoom, bytes: number): SillError =>
  new SillError(
    'invalid_request',
    `${answers} answers of up to ${tokens} tokens each, the prompt included, take about ${mib(bytes)} MiB of memory, and ${mib(ofBytes)} MiB are there for them. ` +
      'Ask for fewer answers (n), or for shorter ones (max_tokens).',
    { details: { param: 'n', bytes, roomBytes: Math.max(0, ofBytes) } },
  );
