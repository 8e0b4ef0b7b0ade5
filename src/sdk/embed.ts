/** What a page of another origin imports: `import { connect } from 'https://sill.example.org/sdk/sill.js'`. */
import { SillChat } from './sillChat.ts';

export { type ErrorCode, SillError } from '../core/errors.ts';
export { type ConnectOptions, connect, type GuestSill } from './connect.ts';
export type { GuestEvents } from './guestEvents.ts';
export { SillChat };

if (!customElements.get('sill-chat')) customElements.define('sill-chat', SillChat);
