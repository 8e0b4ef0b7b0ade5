import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { SillKiosk } from '../protocol/kiosk.ts';

export const createKiosk = (client: Client<EngineContract>): SillKiosk => ({
  status: () => client.call('kiosk.status', {}),
  lock: ({ screen, pin, by = 'setting' }) => client.call('kiosk.lock', { by, screen, ...(pin === undefined ? {} : { pin }) }),
  pinHash: (pin) => client.call('kiosk.pinHash', { pin }),
  restore: (seal) => client.call('kiosk.restore', { seal }),
  unlock: (pin) => client.call('kiosk.unlock', { pin }),
  relock: () => client.call('kiosk.relock', {}),
  leave: () => client.call('kiosk.leave', {}),
  endSession: (options = {}) => client.call('kiosk.endSession', options),
});
