import type { UseOptions } from '../services/sessions/sessions.ts';

/** What every request may say of how it is treated, parsed. */
interface Wishes {
  readonly keep_alive?: number | null | undefined;
  readonly service_tier?: 'auto' | 'default' | 'flex' | 'priority' | null | undefined;
}

/** OpenAI's `flex` answers when nobody else waits; all others are as somebody who waits. */
export const askedOf = ({ keep_alive, service_tier }: Wishes, client: string | undefined): UseOptions => ({
  client,
  priority: service_tier === 'flex' ? 'background' : 'interactive',
  keepAliveMs: keep_alive ?? undefined,
});
