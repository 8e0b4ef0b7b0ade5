import * as v from 'valibot';
import { isAbort, type SillError, toSillError } from '../core/errors.ts';
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
          const error = toSillError(reason);
          // An engine that could not start has no log either.
          if (!isAbort(reason) && !isOfLock(error))
            void note().then(
              (take) => take(noteOf(name, params, guest, error)),
              () => undefined,
            );
          throw reason;
        }
      };
    },
  });

/**
 * A lock that does what it is for. A page asks before it knows, and whoever stands before the device may ask as often as they like: noted, that would push
 * out what the staff looks for.
 */
const isOfLock = ({ code, details }: SillError): boolean => code === 'forbidden' && details.reason === 'locked';

function noteOf(method: string, params: unknown, guest: string | undefined, { code: error }: SillError): Parameters<TakeNote>[0] {
  const model = nameIn(params);
  const isRefused = guest !== undefined && (error === 'forbidden' || error === 'busy');
  return {
    code: isRefused ? 'guest-refused' : 'request-failed',
    ...(model === undefined ? {} : { model }),
    details: { method, error, ...(guest === undefined ? {} : { guest }) },
  };
}
