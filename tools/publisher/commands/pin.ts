import { LONG_PIN_CHARS, MIN_PIN_CHARS, PIN_ITERATIONS, pinHashOf } from '../../../src/core/kiosk/pin.ts';
import { createPins } from '../../../src/platform/pins.ts';
import type { Command } from '../command.ts';
import { askPin, PIN_VARIABLE } from '../passphrase.ts';
import { PublisherError } from '../publisherError.ts';

export const pinCommand: Command = {
  summary: 'write the PIN of a kiosk as the policy file has it',
  usage: '',
  help: [],
  examples: ['npm run sill -- pin', `${PIN_VARIABLE}=... npm run sill -- pin --json`],
  options: {},
  takes: [0, 0],
  async run() {
    const pin = await askPin('PIN of the staff');
    if (pin.length < MIN_PIN_CHARS) throw new PublisherError('usage', `A PIN has at least ${MIN_PIN_CHARS} characters.`);
    const pins = createPins(globalThis.crypto);
    const salt = pins.salt();
    const text = pinHashOf({ iterations: PIN_ITERATIONS, salt, hash: await pins.derive(pin, salt, PIN_ITERATIONS) });
    const isShort = pin.length < LONG_PIN_CHARS;
    return {
      data: { pin: text, short: isShort },
      lines: [
        'Put this under "kiosk" in sill.policy.json:',
        '',
        `  "pin": "${text}"`,
        ...(isShort
          ? ['', `The file is served to everybody, and so is this hash: take at least ${LONG_PIN_CHARS} characters, letters among them.`]
          : []),
      ],
    };
  },
};
