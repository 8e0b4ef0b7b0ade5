import { SillError, toSillError } from '../../core/errors.ts';
import type { HttpItem } from '../../protocol/http.ts';
import { type ApiFamily, EVENT_STREAM, lastWords, NDJSON, refusalOf } from '../../protocol/httpErrors.ts';
import { type Mark, OVER, writeMark } from './marks.ts';

/** An answer that is complete. */
export interface Whole {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export const json = (value: unknown, status = 200): Whole => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** An answer that comes in pieces. */
export interface Stream {
  /**
   * Whole events, and what they tell the next engine: a reader has both or neither. Resolves when the reader has room for more; rejects when there is none
   * any more.
   */
  send(text: string, mark: Mark): Promise<void>;
  /** Sends the head ahead of the first event: it takes its time on its way, and the event follows it without a delay. */
  begin(): void;
}

export interface Reply {
  /**
   * From here on the answer is one whole of that type. Once it is accepted its head does not wait for it for longer than a moment: in Chromium a service worker
   * hears of a reader that goes away by the body of its response, and by nothing else.
   */
  whole(mediaType?: string): { readonly accepted: () => void };
  /** From here on the answer is a stream. Its head goes with its first event, or when it is begun, so that what is refused before has a status of its own. */
  stream(mediaType: string): Stream;
}

export interface ReplyTimes {
  /** A stream in which nothing happens for so long (a model that loads) is kept talking: browsers and proxies give up on silent ones. */
  readonly silenceMs: number;
  /** Chromium ends a request to a service worker whose head did not come within 310 s. */
  readonly headWithinMs: number;
}

const TIMES: ReplyTimes = { silenceMs: 5000, headWithinMs: 240_000 };
const JSON_TYPE = 'application/json';

/** What readers pass over: a comment of SSE, white space before a JSON text. In all else there is nothing of the kind. */
function fillerOf(mediaType: string): string {
  if (mediaType === EVENT_STREAM) return ': \n\n';
  return mediaType === NDJSON || mediaType === JSON_TYPE ? ' ' : '';
}

export interface ReplyOptions {
  readonly times?: ReplyTimes;
  /** The reader has the head and the beginning of a stream, from an engine that is gone. */
  readonly isResumed?: boolean;
}

/**
 * Answers one request with what `work` returns, streams or throws.
 * @throws SillError what breaks off an answer whose head is out and that has no events to end with
 */
export async function reply(
  emit: (item: HttpItem) => Promise<void>,
  family: ApiFamily,
  work: (reply: Reply) => Promise<Whole | undefined>,
  { times = TIMES, isResumed = false }: ReplyOptions = {},
): Promise<void> {
  const encoder = new TextEncoder();
  /** Of the stream that the answer has become. */
  let mediaType: string | undefined;
  let wholeType = JSON_TYPE;
  let isAccepted = false;
  let isHeaded = isResumed;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const emitHead = (status: number, headers: Readonly<Record<string, string>>): Promise<void> => {
    isHeaded = true;
    // What a person opens by its address is shown as what it is.
    return emit({ kind: 'head', status, headers: { ...headers, 'x-content-type-options': 'nosniff' } });
  };
  const emitBody = (text: string, mark?: Mark): Promise<void> =>
    emit({ kind: 'body', bytes: encoder.encode(text), ...(mark ? { mark: writeMark(mark) } : {}) });
  const streamHead = (type: string) => emitHead(200, { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });

  const talk = (): void => {
    const type = mediaType ?? wholeType;
    // What is passed over in the one would be text in the other.
    if (isResumed && mediaType === undefined) {
      wait();
      return;
    }
    // Whoever went away is not talked to; the work learns of it by itself.
    if (!isHeaded) void streamHead(type).catch(() => undefined);
    const filler = fillerOf(type);
    if (filler !== '') emitBody(filler).then(wait, () => undefined);
  };
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(talk, mediaType === undefined && !isHeaded && !isAccepted ? times.headWithinMs : times.silenceMs);
  };

  wait();
  try {
    const whole = await work({
      whole(type = JSON_TYPE) {
        wholeType = type;
        return {
          accepted() {
            if (isAccepted) return;
            isAccepted = true;
            wait();
          },
        };
      },
      stream(type) {
        mediaType = type;
        wait();
        return {
          begin() {
            if (!isHeaded) void streamHead(type).catch(() => undefined);
          },
          // One after the other, also where several are sent without waiting.
          send(text, mark) {
            wait();
            if (!isHeaded) void streamHead(type).catch(() => undefined);
            return emitBody(text, mark);
          },
        };
      },
    });
    clearTimeout(timer);
    if (!whole) {
      if (!isHeaded && mediaType !== undefined) await streamHead(mediaType);
      return;
    }
    if (!isHeaded) await emitHead(whole.status ?? 200, whole.headers ?? {});
    else if ((whole.status ?? 200) !== 200) throw new SillError('internal', 'The answer came too late for its status.');
    if (whole.body !== '') await emitBody(whole.body, OVER);
  } catch (reason) {
    clearTimeout(timer);
    const error = toSillError(reason);
    if (!isHeaded) {
      const { status } = error.details;
      const refusal = refusalOf(error, family, typeof status === 'number' ? status : undefined);
      await emitHead(refusal.status, refusal.headers);
      return emitBody(refusal.body, OVER);
    }
    const words = mediaType === undefined ? undefined : lastWords(error, mediaType);
    if (words === undefined) throw error;
    await emitBody(words, OVER);
  } finally {
    clearTimeout(timer);
  }
}
