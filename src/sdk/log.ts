import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { LogEvent, NetworkLine, SillLog } from '../protocol/log.ts';

export const createLog = (client: Client<EngineContract>): SillLog => {
  const after: SillLog['log']['after'] = async (id) => {
    // By number: an engine that takes the place of another begins anew.
    const events = new Map<number, LogEvent>();
    const onItem = (part: readonly LogEvent[]): void => {
      for (const event of part) events.set(event.id, event);
    };
    const { count } = await client.call('log.list', { after: id }, { onItem });
    return { events: [...events.values()], count };
  };
  return {
    log: {
      list: async () => (await after(0)).events,
      after,
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
        const onItem = (part: readonly NetworkLine[]): void => {
          for (const line of part) lines.set(line.id, line);
        };
        const summary = await client.call('network.list', {}, { onItem });
        return { ...summary, lines: [...lines.values()] };
      },
    },
  };
};
