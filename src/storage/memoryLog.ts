import type { LogEvent } from '../core/log.ts';
import type { LogStore } from '../ports/store.ts';

export function memoryLog(): LogStore {
  let events: LogEvent[] = [];
  let lastId = 0;
  return {
    async add(lines, { maxLines, sinceMs }) {
      const added = structuredClone(lines).map((line) => {
        lastId += 1;
        return { ...line, id: lastId };
      });
      events = [...events, ...added].slice(-maxLines);
      while (events[0] && events[0].atMs < sinceMs) events.shift();
    },
    async list(after = 0) {
      return { events: structuredClone(events.filter(({ id }) => id > after)), count: events.length };
    },
    async clear() {
      events = [];
    },
  };
}
