import * as v from 'valibot';

/** As Ollama's. */
export const DEFAULT_KEEP_ALIVE_MS = 5 * 60_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const DURATION = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * How long a model stays in memory after its last request, as Ollama's `keep_alive`: a duration in the form of Go's `time.ParseDuration`, as "5m"
 * or "1h30m", or a number of seconds, also as text. 0 means not at all, anything negative for ever.
 * @returns milliseconds, Infinity for ever; undefined for what is neither
 */
export function parseKeepAlive(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : stay(value * 1000);
  const text = value.trim();
  if (NUMBER.test(text)) return stay(Number(text) * 1000);
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return undefined;
  const ms = [...parts.matchAll(PART)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  return stay(sign === '-' ? -ms : ms);
}

const stay = (ms: number): number => (ms < 0 ? Number.POSITIVE_INFINITY : ms + 0);

const EXPECTED = 'expected a duration such as "5m" or "1h30m", a number of seconds, 0 for not at all, or -1 for ever';
const given = v.union([v.pipe(v.string(), v.maxLength(100)), v.number()], EXPECTED);

/** As it is written in settings. */
export const KeepAliveSchema = v.pipe(
  given,
  v.check((value) => parseKeepAlive(value) !== undefined, EXPECTED),
);

/** Of a request: parsed to milliseconds. */
export const KeepAliveMsSchema = v.pipe(
  KeepAliveSchema,
  v.transform((value) => parseKeepAlive(value) ?? DEFAULT_KEEP_ALIVE_MS),
);
