import * as v from 'valibot';
import { isAbort, toSillError } from '../core/errors.ts';
import type { TakeNote } from '../services/log/log.ts';

/** Where a method names the model that it is about. */
const NamedSchema = v.looseObject({ model: v.optional(v.string()), id: v.optional(v.string()) });
/** Where the text of a request stands beside it, an id is still an id: what is none is left out by the log itself. */
const nameIn = (params: unknown): string | undefined => {
  const named = v.safeParse(NamedSchema, params);
  return named.success ? (named.output.model ?? named.output.id) : undefined;
};

/**
 * The same handlers, which note what was answered with an error: by method, model and code alone. An error's message may quote the prompt that it is
 * about, and its details too; neither is written down.
 */
export const logged = <H extends object>(handlers: H, guest: string | undefined, note: () => Promise<TakeNote>): H =>
  new Proxy(handlers, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      if (typeof handler !== 'function' || typeof name !== 'string') return handler;
      return async (params: unknown, call: unknown): Promise<unknown> => {
        try {
          return await handler(params, call);
        } catch (reason) {
          // An engine that could not start has no log either.
          if (!isAbort(reason))
            void note().then(
              (take) => take(noteOf(name, params, guest, reason)),
              () => undefined,
            );
          throw reason;
        }
      };
    },
  });

function noteOf(method: string, params: unknown, guest: string | undefined, reason: unknown): Parameters<TakeNote>[0] {
  const { code: error } = toSillError(reason);
  const model = nameIn(params);
  const isRefused = guest !== undefined && (error === 'forbidden' || error === 'busy');
  return {
    code: isRefused ? 'guest-refused' : 'request-failed',
    ...(model === undefined ? {} : { model }),
    details: { method, error, ...(guest === undefined ? {} : { guest }) },
  };
}
