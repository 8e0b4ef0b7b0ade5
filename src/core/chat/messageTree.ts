import type { Message } from './conversation.ts';

/** Messages of one conversation as a tree: those of one parent are branches, in the order in which they were made. */
export interface MessageTree {
  readonly size: number;
  get(id: string): Message | undefined;
  /** From the first message to this one. Empty for an id that is not there. */
  pathTo(id: string | undefined): readonly Message[];
  /** The branches among which a message is one. */
  siblings(message: Message): readonly Message[];
  /** Where a branch that begins with `id` was written at last. */
  newestLeaf(id: string | undefined): string | undefined;
}

const byAge = (a: Message, b: Message): number => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * Never loses a message: one whose parent is missing (another tab writes it at this moment, or it was damaged) or that is its own ancestor stands at
 * the beginning of a branch of its own.
 */
export function messageTree(messages: readonly Message[]): MessageTree {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const parents = new Map<string, string | undefined>();
  for (const { id, parent } of byId.values()) parents.set(id, parent !== undefined && byId.has(parent) ? parent : undefined);
  breakCircles(parents, [...byId.values()].sort(byAge));

  const children = new Map<string | undefined, Message[]>();
  for (const message of [...byId.values()].sort(byAge)) {
    const parent = parents.get(message.id);
    const own = children.get(parent);
    if (own) own.push(message);
    else children.set(parent, [message]);
  }

  return {
    size: byId.size,
    get: (id) => byId.get(id),
    pathTo(id) {
      const path: Message[] = [];
      for (let at = id; at !== undefined; at = parents.get(at)) {
        const message = byId.get(at);
        if (!message) return [];
        path.push(message);
      }
      return path.reverse();
    },
    siblings: ({ id }) => children.get(parents.get(id)) ?? [],
    newestLeaf(id) {
      let newest: Message | undefined;
      const pending = id === undefined ? [...(children.get(undefined) ?? [])] : [byId.get(id)].filter((message) => message !== undefined);
      for (let message = pending.pop(); message; message = pending.pop()) {
        const own = children.get(message.id) ?? [];
        if (own.length === 0 && (!newest || byAge(newest, message) < 0)) newest = message;
        pending.push(...own);
      }
      return newest?.id;
    },
  };
}

/** A circle is cut above its oldest message. */
function breakCircles(parents: Map<string, string | undefined>, oldestFirst: readonly Message[]): void {
  const ends = new Set<string>();
  for (const { id } of oldestFirst) {
    const trail = new Set<string>();
    let at: string | undefined = id;
    while (at !== undefined && !ends.has(at) && !trail.has(at)) {
      trail.add(at);
      at = parents.get(at);
    }
    if (at !== undefined && trail.has(at)) parents.set(at, undefined);
    for (const each of trail) ends.add(each);
  }
}
