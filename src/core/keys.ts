/** A press of a key, as the browser tells it. */
export interface Press {
  /** What it writes in the layout that is set. */
  readonly key: string;
  /** Where it lies, by the name that it has on an American keyboard. */
  readonly code: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** Presses one after the other, a blank between: `Mod+k`, `g c`, `?`. `Mod` is Command on Apple's keyboards and Control on all others. */
export type Keys = string;

/**
 * The press as one step of `Keys`, or nothing where it is none: a modifier alone, a combination that belongs to the browser or the system.
 *
 * A letter of another script stands for the one at its place, so that shortcuts work in a Greek layout as well. Signs are taken as they are written,
 * with or without Shift, since each layout has them elsewhere.
 */
export function stepOf({ key, code, ctrl, meta, alt, shift }: Press, isApple: boolean): string | undefined {
  const [isMod, isOther] = isApple ? [meta, ctrl] : [ctrl, meta];
  if (isOther || alt || [...key].length !== 1) return undefined;
  const [, place] = /^Key([A-Z])$/.exec(code) ?? [];
  const isLetter = /^\p{L}$/u.test(key);
  if (isLetter && shift) return undefined;
  const written = isLetter && place !== undefined && !/^[a-z]$/i.test(key) ? place : key;
  return (isMod ? 'Mod+' : '') + written.toLowerCase();
}

/** Where a person is in a sequence: the steps that were pressed and fit the beginning of at least one. */
export type Steps = readonly string[];

/** @returns the name whose keys are now complete, if any, and the steps that the next press goes on from */
export function followed<Name extends string>(
  bindings: ReadonlyArray<{ readonly name: Name; readonly keys: Keys }>,
  before: Steps,
  step: string,
): { readonly name?: Name; readonly steps: Steps } {
  const steps = [...before, step];
  const keys = steps.join(' ');
  const complete = bindings.find((binding) => binding.keys === keys);
  if (complete) return { name: complete.name, steps: [] };
  if (bindings.some((binding) => binding.keys.startsWith(`${keys} `))) return { steps };
  // What does not go on a sequence may begin another.
  return before.length > 0 ? followed(bindings, [], step) : { steps: [] };
}

/** A shortcut of one character alone fires at a slip, or by a word that speech recognition takes for keys: WCAG 2.1.4 wants a way to turn it off. */
export const isSingle = (keys: Keys): boolean => !keys.includes('+');
