import * as v from 'valibot';

const PREFIX = 'sill.';

/** A remembered choice, or the fallback when there is none, when it is not of this shape, or when storage is refused. */
export function readPreference<S extends v.GenericSchema>(key: string, schema: S, fallback: v.InferOutput<S>): v.InferOutput<S> {
  try {
    const text = localStorage.getItem(PREFIX + key);
    if (text === null) return fallback;
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : fallback;
  } catch {
    // Refused storage or text that is no JSON: a preference is never worth an error message.
    return fallback;
  }
}

export function writePreference(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Full or refused storage: the choice holds until the page closes.
  }
}

/** Every remembered choice by its name, as JSON: for a copy of own data. */
export function allPreferences(): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    for (const key of Object.keys(localStorage)) {
      const text = key.startsWith(PREFIX) ? localStorage.getItem(key) : null;
      if (text !== null) found[key.slice(PREFIX.length)] = text;
    }
  } catch {
    // Refused storage: nothing is remembered.
  }
  return found;
}

/** As they were read. What is no JSON is passed over by whoever reads it later. */
export function writePreferences(preferences: Readonly<Record<string, string>>): void {
  try {
    for (const [key, text] of Object.entries(preferences)) localStorage.setItem(PREFIX + key, text);
  } catch {
    // Full or refused storage: the choices stay as they are.
  }
}
