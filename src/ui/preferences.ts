import type { ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import { FollowController } from './events-controller.ts';

const PREFIX = 'sill.';

/** Fires an event of the name of each choice that is made in this tab. */
const made = new EventTarget();
const tell = (key: string): boolean => made.dispatchEvent(new Event(key));

/** Calls back whenever somebody has made a choice anew, here or in another tab. Returns the way to stop. */
export function followPreference(key: string, onChoice: () => void): () => void {
  // A tab hears of what the others store, and not of what it stores itself.
  const onStorage = (event: StorageEvent): void => {
    if (event.key === PREFIX + key) onChoice();
  };
  made.addEventListener(key, onChoice);
  addEventListener('storage', onStorage);
  return () => {
    made.removeEventListener(key, onChoice);
    removeEventListener('storage', onStorage);
  };
}

/** Renders an element again whenever somebody has made a choice anew. */
export function renderWithPreference(host: ReactiveControllerHost, key: string): void {
  new FollowController(host, () => {
    // It may have been chosen while the element was away.
    host.requestUpdate();
    return followPreference(key, () => host.requestUpdate());
  });
}

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
  tell(key);
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
  for (const key of Object.keys(preferences)) tell(key);
}
