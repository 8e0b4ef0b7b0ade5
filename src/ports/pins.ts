/** Makes a PIN slow to guess. */
export interface Pins {
  /** PBKDF2 with HMAC-SHA-256 (RFC 8018). @returns 32 bytes */
  derive(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes that nobody can foretell. */
  salt(): Uint8Array<ArrayBuffer>;
}
