import { type DeviceEvent, MAX_EVENTS } from '../core/deviceEvent.ts';
import type { EventStore } from '../ports/store.ts';

export function memoryEvents(): EventStore {
  let events: DeviceEvent[] = [];
  return {
    async add(event) {
      events = [...events, structuredClone(event)].slice(-MAX_EVENTS);
    },
    async list() {
      return structuredClone(events);
    },
  };
}
