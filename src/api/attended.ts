import * as v from 'valibot';
import type { EngineContract } from '../protocol/engine.ts';
import { HTTP_CONNECTION } from '../protocol/hosting.ts';
import type { AskedBy, RequestKind } from '../protocol/requests.ts';
import type { Requests } from '../services/requests/requests.ts';

/** Methods that keep a model busy, by what they ask of it. */
const KINDS: { readonly [M in keyof EngineContract]?: RequestKind } = {
  'chat.completions.create': 'chat',
  'completions.create': 'text',
  'embeddings.create': 'embedding',
  'audio.transcriptions.create': 'transcription',
  run: 'task',
  'documents.add': 'search',
  'documents.search': 'search',
  'evaluations.run': 'evaluation',
  'benchmarks.run': 'benchmark',
};
const kindOf = (method: string): RequestKind | undefined => {
  const kinds: Readonly<Record<string, RequestKind | undefined>> = KINDS;
  return Object.hasOwn(kinds, method) ? kinds[method] : undefined;
};

const NamedSchema = v.looseObject({ model: v.string() });
const CallSchema = v.looseObject({ signal: v.instance(AbortSignal) });

/** @param client by whose name requests stand in line @param guest the origin of a page that embeds Sill */
export const askedBy = (client: string, guest: string | undefined): AskedBy =>
  guest !== undefined ? { kind: 'frame', origin: guest } : { kind: client.startsWith(HTTP_CONNECTION) ? 'http' : 'tab' };

/** The same handlers, with each request to a model in sight of whoever looks after the device while it is under way. */
export const attended = <H extends object>(handlers: H, by: AskedBy, requests: () => Promise<Requests>): H =>
  new Proxy(handlers, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      const kind = typeof name === 'string' ? kindOf(name) : undefined;
      if (typeof handler !== 'function' || kind === undefined) return handler;
      return async (params: unknown, given: unknown): Promise<unknown> => {
        const named = v.safeParse(NamedSchema, params);
        const call = v.safeParse(CallSchema, given);
        if (!named.success || !call.success) return handler(params, given);
        const about = { kind, model: named.output.model, by };
        return (await requests()).during(about, call.output.signal, (signal) => handler(params, { ...call.output, signal }));
      };
    },
  });
