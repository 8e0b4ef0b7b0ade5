import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { SillRequests } from '../protocol/requests.ts';

export const createRequests = (client: Client<EngineContract>): SillRequests => ({
  list: () => client.call('requests.list', {}),
  cancel: (id) => client.call('requests.cancel', { id }),
});
