import { PIN_BYTES, SALT_BYTES } from '../core/kiosk/pin.ts';
import type { Pins } from '../ports/pins.ts';

/** By WebCrypto, in a browser as in Node. */
export const createPins = (crypto: Pick<Crypto, 'subtle' | 'getRandomValues'>): Pins => ({
  async derive(pin, salt, iterations) {
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin.normalize('NFKC')), 'PBKDF2', false, ['deriveBits']);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, PIN_BYTES * 8));
  },
  salt: () => crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
});
