export interface Clock {
  /** Wall time, milliseconds since 1970. */
  now(): number;
}
