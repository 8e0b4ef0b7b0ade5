/** What a page of another origin imports: `import { connect } from 'https://sill.example.org/sdk/sill.js'`. */
import { SillChat } from './embed/sillChat.ts';

export { type ErrorCode, SillError } from '../core/errors.ts';
export { type ConnectOptions, connect, type GuestSill } from './embed/connect.ts';
export type { GuestEvents } from './embed/guestEvents.ts';
export { SillChat };

if (!customElements.get('sill-chat')) customElements.define('sill-chat', SillChat);
