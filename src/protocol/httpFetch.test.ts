import { describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import { type HttpItem, MAX_HTTP_BODY_BYTES } from './http.ts';
import { fetchThrough, type HttpCall, httpRequestOf } from './httpFetch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const head = (type: string, status = 200): HttpItem => ({ kind: 'head', status, headers: { 'content-type': type } });
const body = (text: string): HttpItem => ({ kind: 'body', bytes: bytes(text) });
const REQUEST = { method: 'GET', path: 'v1/models' };

/** An engine that gives these items, one when the last was taken, and then ends as told. */
function engine(items: readonly HttpItem[], end: () => Promise<null> = async () => null) {
  const seen = { taken: 0, signal: new AbortController().signal };
  const call: HttpCall = async (_, { signal, onItem }) => {
    seen.signal = signal;
    for (const item of items) {
      signal.throwIfAborted();
      await onItem(item);
      seen.taken += 1;
    }
    return end();
  };
  return { call, seen };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('an answer of the engine as a Response', () => {
  it('has status, headers and body', async () => {
    let ended = 0;
    const { call } = engine([head('application/json', 404), body('{"a":'), body('1}')]);
    const response = await fetchThrough(call, REQUEST, { onEnd: () => (ended += 1) });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ a: 1 });
    await settled();
    expect(ended).toBe(1);
  });

  it('comes no faster than it is read', async () => {
    const { call, seen } = engine([head('text/event-stream'), ...Array.from({ length: 50 }, (_, at) => body(`data: ${at}\n\n`))]);
    const response = await fetchThrough(call, REQUEST);
    for (let turn = 0; turn < 20; turn++) await settled();
    // The head, and what the stream itself holds.
    expect(seen.taken).toBeLessThanOrEqual(3);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(seen.taken).toBeLessThanOrEqual(5);
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read());
    await settled();
    expect(seen.taken).toBe(51);
  });

  it('is cancelled when its reader goes away, also one that waits', async () => {
    const { call, seen } = engine([head('text/event-stream'), body('1'), body('2'), body('3')]);
    const response = await fetchThrough(call, REQUEST);
    await settled();
    const cancelling = response.body?.cancel();
    // Not yet: WebKit stands still for good when something is aborted within the call.
    expect(seen.signal.aborted).toBe(false);
    await cancelling;
    await settled();
    expect(seen.signal.aborted).toBe(true);
    await settled();
    expect(seen.taken).toBeLessThan(4);
  });

  it('that breaks off ends with an event that says why', async () => {
    const gone = () => Promise.reject(new SillError('worker_lost', 'The engine stopped. Ask again.'));
    const sse = await (await fetchThrough(engine([head('text/event-stream'), body('data: 1\n\n')], gone).call, REQUEST)).text();
    expect(sse).toMatch(
      /^data: 1\n\nevent: error\ndata: \{.*"error":\{"message":"[^"]*Ask again[^"]*","type":"server_error","param":null,"code":"worker_lost"\}\}\n\n$/,
    );
    const ndjson = await (await fetchThrough(engine([head('application/x-ndjson'), body('{"a":1}\n')], gone).call, REQUEST)).text();
    expect(JSON.parse(ndjson.split('\n')[1] ?? '')).toEqual({ error: expect.stringContaining('Ask again') });
  });

  it('that is asked of a second engine has one head, which both have to give', async () => {
    const again = (...items: HttpItem[]) => fetchThrough(engine(items).call, REQUEST).then((response) => response.text());
    expect(await again(head('text/event-stream'), body(': \n\n'), head('text/event-stream'), body('data: 1\n\n'))).toBe(
      ': \n\ndata: 1\n\n',
    );
    expect(await again(head('text/event-stream'), head('application/json', 404), body('{}'))).toMatch(/^event: error\n.*Ask again/);
    await expect(again(head('application/json'), head('application/json', 404), body('{}'))).rejects.toThrow();
  });

  it('that breaks off and has no events is an error to its reader, never a short text', async () => {
    const gone = () => Promise.reject(new SillError('worker_lost', 'The engine stopped.'));
    const response = await fetchThrough(engine([head('application/json'), body('{"a":')], gone).call, REQUEST);
    await expect(response.text()).rejects.toThrow();
  });

  it('rejects while there is no head, so that another engine can be asked', async () => {
    const gone = () => Promise.reject(new SillError('worker_lost', 'The engine stopped.'));
    await expect(fetchThrough(engine([], gone).call, REQUEST)).rejects.toMatchObject({ code: 'worker_lost' });
  });
});

describe('a request for the engine', () => {
  it('takes neither keys nor cookies along', async () => {
    const request = new Request('http://sill/v1/models', {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json', 'x-other': '1' },
      body: '{}',
    });
    expect(await httpRequestOf(request, 'v1/models')).toEqual({
      method: 'POST',
      path: 'v1/models',
      headers: { 'content-type': 'application/json' },
      body: bytes('{}'),
    });
  });

  it('has its body also where a browser gives none as a stream', async () => {
    const post = (body: BodyInit) => {
      const request = new Request('http://sill/v1/completions', { method: 'POST', body });
      Object.defineProperty(request, 'body', { value: undefined });
      return httpRequestOf(request, 'v1/completions');
    };
    expect((await post('{}')).body).toEqual(bytes('{}'));
    expect(await post('')).not.toHaveProperty('body');
    await expect(post(new Uint8Array(MAX_HTTP_BODY_BYTES + 1))).rejects.toMatchObject({ details: { status: 413 } });
  });

  it('is refused when its body is too large, and what is sent beyond that is not read', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(2 ** 20));
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: endless, duplex: 'half' };
    await expect(httpRequestOf(new Request('http://sill/v1/x', init), 'v1/x')).rejects.toMatchObject({ details: { status: 413 } });
    expect(sent).toBeLessThan(MAX_HTTP_BODY_BYTES / 2 ** 20 + 5);
  });
});
