import { SillError } from '../../core/errors.ts';

/**
 * What `work` refuses, in the words of an API that calls some fields of the contract otherwise.
 * @param names of that API, by those of the contract
 */
export async function inWords<T>(names: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (reason) {
    if (!(reason instanceof SillError) || typeof reason.details.param !== 'string') throw reason;
    const { param } = reason.details;
    const name = Object.hasOwn(names, param) ? (names[param] ?? param) : param;
    throw new SillError(reason.code, reason.message.replaceAll(`"${param}"`, `"${name}"`), {
      details: { ...reason.details, param: name },
      cause: reason,
    });
  }
}
