/**
 * Formats of JSON Schema, each as a pattern of strings that are valid under it: the usual ones, not all. A year has four digits and a
 * February 28 days; an address is spelt out.
 */
const DATE = '[12]\\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const LABEL = '[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?';
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';

const PATTERNS = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE}T${TIME}`,
  duration: 'P(?:\\d{1,4}[YMWD]|\\d{1,3}DT\\d{1,2}H|T\\d{1,4}[HMS]|T\\d{1,3}H\\d{1,2}M)',
  email: `[a-z0-9](?:[._+-]?[a-z0-9]){0,40}@${LABEL}(?:\\.${LABEL}){0,3}\\.[a-z]{2,8}`,
  hostname: `${LABEL}(?:\\.${LABEL}){0,4}`,
  ipv4: `${BYTE}(?:\\.${BYTE}){3}`,
  ipv6: '[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}',
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  uri: `https?://${LABEL}(?:\\.${LABEL}){1,4}(?:/[A-Za-z0-9._~-]{1,40}){0,8}/?`,
} as const;

export const FORMATS = Object.keys(PATTERNS);

/** Absent for a format that is not known here. */
export const formatPattern = (format: string): string | undefined =>
  Object.hasOwn(PATTERNS, format) ? `^${PATTERNS[format as keyof typeof PATTERNS]}$` : undefined;
