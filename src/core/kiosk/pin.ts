import * as v from 'valibot';

/** OWASP's least for PBKDF2 with HMAC-SHA-256 (Password Storage Cheat Sheet, 2023). */
export const PIN_ITERATIONS = 600_000;
export const PIN_BYTES = 32;
export const SALT_BYTES = 16;

/** Four digits hold against somebody who types, as wrong ones cost more and more time. */
export const MIN_PIN_CHARS = 4;
/** Where its hash is served to everybody: eight digits are guessed in hours by whoever computes at home. */
export const LONG_PIN_CHARS = 10;
const MAX_PIN_CHARS = 64;

export const PinSchema = v.pipe(
  v.string(),
  v.minLength(MIN_PIN_CHARS, `a PIN has at least ${MIN_PIN_CHARS} characters`),
  v.maxLength(MAX_PIN_CHARS),
);

const FORM = /^pbkdf2-sha256:([1-9]\d{5,8}):([0-9a-f]{32,128}):([0-9a-f]{64})$/;
const most = 100_000_000;

const iterationsOf = (hash: string): number => Number(FORM.exec(hash)?.[1] ?? 0);

/** `pbkdf2-sha256:<iterations>:<salt>:<hash>`, the last two in hex. */
export const PinHashSchema = v.pipe(
  v.string(),
  v.regex(FORM, 'expected what Device, Kiosk makes of a PIN'),
  v.check((hash) => iterationsOf(hash) >= PIN_ITERATIONS, `expected at least ${PIN_ITERATIONS} iterations`),
  v.check((hash) => iterationsOf(hash) <= most, `expected at most ${most} iterations`),
);
export type PinHash = v.InferOutput<typeof PinHashSchema>;

export interface PinParts {
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

/** @param text as `PinHashSchema` lets it through */
export function pinParts(text: PinHash): PinParts | undefined {
  const [, iterations, salt, hash] = FORM.exec(text) ?? [];
  return iterations && salt && hash ? { iterations: Number(iterations), salt: fromHex(salt), hash: fromHex(hash) } : undefined;
}

export const pinHashOf = ({ iterations, salt, hash }: PinParts): PinHash => `pbkdf2-sha256:${iterations}:${toHex(salt)}:${toHex(hash)}`;

/** Looks at every byte whatever it finds, so that the time tells nothing of where two differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
