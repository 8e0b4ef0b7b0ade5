import * as v from 'valibot';
import type { Task } from '../core/tasks.ts';
import { readPreference, writePreference } from './preferences.ts';

const KEY = 'models.used';
/** More of them are not on one device. */
const MOST = 10;

/** As a person asked them last, newest first. */
const usedModels = (): readonly string[] => readPreference(KEY, v.array(v.string()), []);

/** A person asks this model for something. Not what the device does by itself, as a test of an update. */
export function noteUse(id: string): void {
  const used = usedModels();
  if (used[0] !== id) writePreference(KEY, [id, ...used.filter((other) => other !== id)].slice(0, MOST));
}

interface Choosable {
  readonly id: string;
  readonly task: Task;
  readonly derived?: { readonly base: string } | undefined;
}

/**
 * What a view begins with that works with one model of several: the one that was used last, or what that was made of; else the first that writes, which is what
 * most come for.
 * @param models to choose from @param all on the device @param used newest first
 */
export function proposedModel<Model extends Choosable>(
  models: readonly Model[],
  all: readonly Choosable[] = models,
  used: readonly string[] = usedModels(),
): Model | undefined {
  const bases = used.map((id) => all.find((model) => model.id === id)?.derived?.base ?? id);
  const last = [...used.flatMap((id, i) => [id, bases[i] ?? id])].find((id) => models.some((model) => model.id === id));
  return models.find(({ id }) => id === last) ?? models.find(({ task }) => task === 'text-generation') ?? models[0];
}
