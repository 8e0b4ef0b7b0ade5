import { SillError, toSillError } from '../core/errors.ts';
import { type HttpItem, type HttpRequest, MAX_HTTP_BODY_BYTES } from './http.ts';
import { answeredOtherwise, lastWords } from './httpErrors.ts';

/** `client.call('http', request, options)` of any client of the engine. */
export type HttpCall = (
  request: HttpRequest,
  options: { readonly signal: AbortSignal; readonly onItem: (item: HttpItem) => Promise<void> },
) => Promise<null>;

/** Answers that have no body, also no empty one. */
const isBodiless = (status: number): boolean => status === 204 || status === 304;

/**
 * Asks the engine by its method `http` and gives the answer as `fetch` does: at once when its head is there, its body while it comes. Whoever cancels
 * the body cancels the work, and one who reads slowly slows it down. A call that is asked of another engine may tell its head again, which has to be the same.
 * A stream that breaks off ends with an event that says why; any other body that breaks off is an error to its reader.
 *
 * `new OpenAI({ baseURL, fetch })` works over it with `fetch = async (input, init) => { const request = new Request(input, init); return
 * fetchThrough((params, options) => client.call('http', params, options), await httpRequestOf(request, path), { signal: request.signal }) }`.
 * @throws SillError what the call throws before there is a head: `worker_lost`, `aborted`
 */
export function fetchThrough(
  call: HttpCall,
  request: HttpRequest,
  { signal, onEnd = () => undefined }: { readonly signal?: AbortSignal; readonly onEnd?: () => void } = {},
): Promise<Response> {
  const gone = new AbortController();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let wake = (): void => undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (given) => {
      controller = given;
    },
    pull: () => wake(),
    cancel: () => {
      controller = undefined;
      // Not within this call: a service worker of WebKit that aborts anything here stands still from then on (docs/decisions/0076).
      setTimeout(() => {
        gone.abort();
        wake();
      });
    },
  });
  return new Promise((resolve, reject) => {
    let mediaType: string | undefined;
    let head = '';
    const onItem = async (item: HttpItem): Promise<void> => {
      if (item.kind === 'head') {
        const { status, headers } = item;
        const given = `${status} ${headers['content-type']}`;
        if (mediaType === undefined) {
          mediaType = headers['content-type'] ?? '';
          head = given;
          resolve(new Response(isBodiless(status) ? null : body, { status, headers }));
        } else if (given !== head) throw answeredOtherwise();
        return;
      }
      controller?.enqueue(item.bytes);
      if (controller && (controller.desiredSize ?? 0) <= 0) {
        await new Promise<void>((ready) => {
          wake = ready;
        });
      }
    };
    const end = () => {
      controller?.close();
      controller = undefined;
    };
    const fail = (reason: unknown) => {
      const error = toSillError(reason);
      if (mediaType === undefined) return reject(error);
      const words = lastWords(error, mediaType);
      if (words === undefined) controller?.error(error);
      else controller?.enqueue(new TextEncoder().encode(words));
      if (words !== undefined) end();
      controller = undefined;
    };
    call(request, { signal: signal ? AbortSignal.any([signal, gone.signal]) : gone.signal, onItem })
      .then(end, fail)
      .finally(onEnd);
  });
}

/**
 * A request as the engine takes it.
 * @param path below the app, with its query
 * @throws SillError `invalid_request` with `details.status` 413 for a body that is too large
 */
export async function httpRequestOf(request: Request, path: string): Promise<HttpRequest> {
  const headers = Object.fromEntries([...request.headers].filter(([name]) => PASSED_ON.has(name)));
  const body = await bodyOf(request);
  return { method: request.method, path, headers, ...(body ? { body } : {}) };
}

/** What the engine has use for: it neither needs nor should see keys and cookies. */
const PASSED_ON = new Set(['content-type', 'accept']);

async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.body) return boundedBytes(request.body);
  // Firefox gives the body of a request whole only, and then this is undefined and not null.
  if (request.body === null) return undefined;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > MAX_HTTP_BODY_BYTES) throw tooLarge();
  return bytes.byteLength > 0 ? bytes : undefined;
}

const tooLarge = (): SillError =>
  new SillError('invalid_request', `The body is larger than ${MAX_HTTP_BODY_BYTES / 2 ** 20} MiB. Send less at once.`, {
    details: { status: 413 },
  });

async function boundedBytes(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    sizeBytes += next.value.byteLength;
    if (sizeBytes > MAX_HTTP_BODY_BYTES) {
      await reader.cancel();
      throw tooLarge();
    }
    pieces.push(next.value);
  }
  const [only] = pieces;
  if (pieces.length === 1 && only) return only;
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
