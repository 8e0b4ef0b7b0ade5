import type { Broadcast, Connection, Locks } from '../../ports/browser.ts';

interface Request {
  readonly name: string;
  readonly tab: object;
  /** Undefined where nobody waits any more. */
  grant(): void;
}

export interface OriginTab {
  readonly locks: Locks;
  readonly broadcast: Broadcast;
  /** As when the tab is closed or killed: its locks go to the next in line, and it neither hears nor says anything more. */
  close(): void;
}

/** What the tabs of one origin share besides their storage: locks and a channel, as a browser gives them. */
export function createOrigin(): { openTab(): OriginTab } {
  const held = new Map<string, object>();
  const shared = new Set<{ readonly name: string; readonly tab: object }>();
  const line: Request[] = [];
  /** Of those who share: they look again whenever a lock is given back. */
  const waiting: Array<() => void> = [];
  const listeners = new Map<object, (message: unknown) => void>();

  const release = (name: string, tab: object) => {
    if (held.get(name) !== tab) return;
    held.delete(name);
    for (const look of waiting.splice(0)) look();
    const index = line.findIndex((request) => request.name === name);
    const [next] = index < 0 ? [] : line.splice(index, 1);
    if (!next) return;
    held.set(name, next.tab);
    next.grant();
  };

  return {
    openTab() {
      const tab = {};
      let open = true;
      const holding = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        try {
          return await work();
        } finally {
          release(name, tab);
        }
      };
      return {
        locks: {
          async tryHold(name, work) {
            if (held.has(name)) return undefined;
            held.set(name, tab);
            return { value: await holding(name, work) };
          },
          async hold(name, work) {
            if (held.has(name)) await new Promise<void>((resolve) => line.push({ name, tab, grant: resolve }));
            else held.set(name, tab);
            return holding(name, work);
          },
          async share(name, work) {
            while (held.has(name)) await new Promise<void>((resolve) => waiting.push(resolve));
            const part = { name, tab };
            shared.add(part);
            return work().finally(() => shared.delete(part));
          },
          isHeld: async (name) => held.has(name) || [...shared].some((part) => part.name === name),
        },
        broadcast: {
          send(message) {
            if (!open) return;
            const copy: unknown = structuredClone(message);
            for (const [other, listener] of listeners) if (other !== tab) queueMicrotask(() => listeners.has(other) && listener(copy));
          },
          listen: (listener) => void listeners.set(tab, listener),
        },
        close() {
          open = false;
          listeners.delete(tab);
          for (let i = line.length - 1; i >= 0; i--) if (line[i]?.tab === tab) line.splice(i, 1);
          for (const part of shared) if (part.tab === tab) shared.delete(part);
          for (const [name, holder] of held) if (holder === tab) release(name, tab);
        },
      };
    },
  };
}

/** A connection that a test switches. */
export function createFakeConnection(): Connection & { set(change: { online?: boolean; metered?: boolean }): void } {
  const state = { online: true, metered: false };
  const listeners: Array<() => void> = [];
  return {
    isOnline: () => state.online,
    isMetered: () => state.metered,
    onChange: (listener) => void listeners.push(listener),
    set(change) {
      Object.assign(state, change);
      for (const listener of listeners) listener();
    },
  };
}
