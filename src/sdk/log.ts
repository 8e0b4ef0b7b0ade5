import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { LogEvent, NetworkLine, SillLog } from '../protocol/log.ts';

export const createLog = (client: Client<EngineContract>): SillLog => ({
  log: {
    async list() {
      // By number: an engine that takes the place of another begins anew.
      const events = new Map<number, LogEvent>();
      await client.call('log.list', {}, { onItem: (part) => part.forEach((event) => void events.set(event.id, event)) });
      return [...events.values()];
    },
    export: () => client.call('log.export', {}),
    async clear() {
      await client.call('log.clear', {});
    },
    settings: () => client.call('log.settings', {}),
    setSettings: (settings) => client.call('log.setSettings', { settings }),
  },
  network: {
    async list() {
      const lines = new Map<string, NetworkLine>();
      const summary = await client.call('network.list', {}, { onItem: (part) => part.forEach((line) => void lines.set(line.id, line)) });
      return { ...summary, lines: [...lines.values()] };
    },
  },
});
