import * as http from 'node:http';

/** What the server does with the next requests. `cut`: closes the connection after the first pieces; `hold`: sends one and then nothing. */
export type Behaviour = 'answer' | 'call' | 'unavailable' | 'refuse' | 'cut' | 'hold';

export interface UpstreamRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: http.IncomingHttpHeaders;
}

/** A server that speaks OpenAI's API as vLLM and Ollama do, on another origin, under `/v1/`. It says what it was told, word by word. */
export interface UpstreamServer {
  behaviour: Behaviour;
  readonly requests: UpstreamRequest[];
  /** Connections that their client ended before the answer did. */
  readonly abandoned: number;
  close(): Promise<void>;
}

export async function openUpstream(port: number): Promise<UpstreamServer> {
  const requests: UpstreamRequest[] = [];
  const state = { behaviour: 'answer' as Behaviour, abandoned: 0 };

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', 'content-type');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const body = await bodyOf(request);
    requests.push({ path, body, headers: request.headers });
    const fail = (status: number, message: string): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { message, type: 'server_error', param: null, code: null } }));
    };
    if (state.behaviour === 'unavailable') return fail(503, 'All workers are busy.');
    if (state.behaviour === 'refuse') return fail(400, 'This model has a context of 16 tokens.');
    if (!['/v1/chat/completions', '/v1/completions'].includes(path) || body.stream !== true) return fail(404, 'Not Found');

    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
    let isOver = false;
    response.on('close', () => {
      if (!isOver) state.abandoned += 1;
    });
    const isChat = path === '/v1/chat/completions';
    const head = { id: 'up-1', object: isChat ? 'chat.completion.chunk' : 'text_completion', created: 1, model: body.model };
    const send = (data: unknown): void =>
      void response.write(`data: ${typeof data === 'string' ? data : JSON.stringify({ ...head, ...Object(data) })}\n\n`);
    const choose = (part: object, finish: string | null = null) =>
      send({ choices: [{ index: 0, ...(isChat ? { delta: part } : part), finish_reason: finish, logprobs: null }] });
    // A comment, as proxies send it to keep a connection open.
    response.write(': waiting\n\n');
    if (isChat) choose({ role: 'assistant', content: '' });
    if (state.behaviour === 'call') {
      choose({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }] });
      choose({ tool_calls: [{ index: 0, function: { arguments: '{"town":' } }] });
      choose({ tool_calls: [{ index: 0, function: { arguments: '"Köln"}' } }] });
      choose({}, 'tool_calls');
    } else {
      for (const [i, word] of saidTo(body)
        .match(/\S+\s*/g)
        ?.entries() ?? []) {
        choose(isChat ? { content: word } : { text: word });
        if (state.behaviour === 'hold') return;
        if (state.behaviour === 'cut' && i === 1) return void response.destroy();
      }
      choose(isChat ? {} : { text: '' }, 'stop');
    }
    if (Object(body.stream_options).include_usage === true)
      send({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } });
    isOver = true;
    send('[DONE]');
    response.end();
  };

  const server = http.createServer((request, response) => {
    // A client that went away is what some tests are about.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    requests,
    get behaviour() {
      return state.behaviour;
    },
    set behaviour(next) {
      state.behaviour = next;
    },
    get abandoned() {
      return state.abandoned;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: http.IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

function saidTo(body: Readonly<Record<string, unknown>>): string {
  const { messages, prompt } = body;
  const last: unknown = Array.isArray(messages) ? Object(messages.at(-1)).content : prompt;
  return `You said: ${String(last)}`;
}
