import { parseKeepAlive } from '../../core/keepAlive.ts';
import { wallMs } from './continuedText.ts';
import { line, lines } from './events.ts';
import { OLLAMA_GENERATE_FIELDS, usedFields } from './fields.ts';
import { assertHere } from './installed.ts';
import { OVER } from './marks.ts';
import { readContext, type Turn, writeContext } from './ollamaContext.ts';
import { inOllamasWords, isStreamed, modelName, now, samplingOf, wrong } from './ollamaRequest.ts';
import { figuresOf, type WriteOptions, type Written, writeEither, writeOn } from './ollamaWriting.ts';
import { json, type Whole } from './reply.ts';
import { type JsonObject, jsonBody } from './request.ts';
import type { Route, RouteContext } from './route.ts';

/** `POST api/generate`. */
export const generate: Route = (incoming, context) =>
  inOllamasWords(async () => {
    const request = usedFields(jsonBody(incoming), OLLAMA_GENERATE_FIELDS, 'ignored');
    const { prompt = '' } = request;
    const model = modelName(request);
    const stream = isStreamed(request);
    if (typeof prompt !== 'string') throw wrong('prompt', 'must be text');
    assertWhole(request);
    if (prompt === '') return loadOrUnload(model, request, { response: '' }, context);
    const turns: Turn[] = [...readContext(request.context), { role: 'user', content: prompt }];
    const { ask, reply, signal, marks } = context;
    const begun = { ask, signal, marks, startMs: wallMs() };
    if (!stream) {
      const written = await write(model, request, turns, { ...begun, onAccepted: reply.whole().accepted });
      return json({ ...head(model), response: written.text, ...endOf(written, turns, request), ...figuresOf(written) });
    }
    const out = lines(reply);
    const onPiece: WriteOptions['onPiece'] = ({ text, logprobs }, mark) =>
      out.send(line({ ...head(model), response: text, done: false, ...(logprobs ? { logprobs } : {}) }), mark);
    const written = await write(model, request, turns, { ...begun, onPiece, onAccepted: out.begin });
    const { logprobs: _, ...end } = endOf(written, turns, request);
    await out.send(line({ ...head(model), response: '', ...end, ...figuresOf(written) }), OVER);
    return undefined;
  });

/** @throws SillError `invalid_request`: as Ollama, for what a prompt that is to go as it stands has no place for, rather than leave it out */
function assertWhole({ system, template, raw, context }: JsonObject): void {
  for (const [name, value] of Object.entries({ system, template }))
    if (value !== undefined && typeof value !== 'string') throw wrong(name, 'must be text');
  if (raw !== undefined && typeof raw !== 'boolean') throw wrong('raw', 'must be true or false');
  if (raw && (system || template || !isNone(context))) throw wrong('raw', 'goes with neither "template", "system" nor "context"');
}

const isNone = (context: unknown): boolean => context === undefined || (Array.isArray(context) && context.length === 0);

const head = (model: string) => ({ model, created_at: now() });

function write(model: string, request: JsonObject, turns: readonly Turn[], options: WriteOptions): Promise<Written> {
  const { system, raw, template, logprobs, top_logprobs } = request;
  const asked = { ...samplingOf(request), model, logprobs, top_logprobs };
  const text = { ...asked, prompt: turns.map(({ content }) => content).join('') };
  if (raw === true) return writeOn(text, options);
  const messages = [...(system === undefined || system === '' ? [] : [{ role: 'system', content: system }]), ...turns];
  // A system prompt needs a template to stand in.
  return writeEither(
    { ...asked, chat_template: template === '' ? undefined : template, messages },
    messages.length === turns.length ? text : undefined,
    options,
  );
}

const endOf = ({ text, finish, logprobs }: Written, turns: readonly Turn[], { raw }: JsonObject) => ({
  done: true,
  done_reason: finish,
  // As Ollama: whoever writes the prompt by hand has the conversation.
  ...(raw === true ? {} : { context: writeContext([...turns, { role: 'assistant', content: text }]) }),
  ...(logprobs ? { logprobs } : {}),
});

/** Nothing to answer: the model is only to come, or with `keep_alive: 0` to go. */
export async function loadOrUnload(
  id: string,
  request: JsonObject,
  nothing: object,
  { ask, reply, signal }: RouteContext,
): Promise<Whole | undefined> {
  const { keep_alive } = request;
  const isToGo = (typeof keep_alive === 'string' || typeof keep_alive === 'number') && parseKeepAlive(keep_alive) === 0;
  const work = async (): Promise<object> => {
    if (isToGo) {
      await assertHere(id, ask, signal);
      await ask('models.unload', { id }, { signal });
    } else await ask('models.load', { id, keep_alive }, { signal });
    return { ...head(id), ...nothing, done: true, done_reason: isToGo ? 'unload' : 'load' };
  };
  if (!isStreamed(request)) return json(await work());
  const out = lines(reply);
  await out.send(line(await work()), OVER);
  return undefined;
}
