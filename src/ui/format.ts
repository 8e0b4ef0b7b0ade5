import { currentLocale } from './locale.ts';

/** Keeps what is made for a language and options: a formatter takes a hundred times as long to make as to use, and a long table uses few kinds. */
function keep<O, F>(make: (locale: string, options: O) => F): (options: O) => F {
  const kept = new Map<string, F>();
  return (options) => {
    const locale = currentLocale();
    const key = locale + JSON.stringify(options);
    const known = kept.get(key) ?? make(locale, options);
    kept.set(key, known);
    return known;
  };
}
const numbers = keep((locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
// Greek is read with 24 hours, too: "μ.μ." would end in two dots where it ends a sentence.
const dates = keep(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale === 'el' ? 'el-u-hc-h23' : locale, options),
);
const names = keep((locale, options: Intl.DisplayNamesOptions) => new Intl.DisplayNames(locale, options));
const lists = keep((locale, options: Intl.ListFormatOptions) => new Intl.ListFormat(locale, options));
const plurals = keep((locale, options: Intl.PluralRulesOptions) => new Intl.PluralRules(locale, options));

/**
 * For the first number in a unit, and the first name of a language, the browser reads its tables, which takes up to 15 ms of a desk's processor: while the
 * engine is fetched, not in the middle of what is drawn. In steps, between which a touch is answered.
 */
export const WARM_UP: ReadonlyArray<() => unknown> = [() => formatNumber(1), () => formatBytes(1e6), () => formatLanguage('en')];

const number = (value: number, options: Intl.NumberFormatOptions): string => numbers(options).format(value);

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal units, as disks and networks count: 24.6 MB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let index = 0;
  // 999.5 would be rounded to "1,000 kB".
  while (value >= 999.5 && index < BYTE_UNITS.length - 1) {
    value /= 1000;
    index++;
  }
  const digits = index === 0 || value >= 100 ? 0 : 1;
  return number(value, {
    style: 'unit',
    unit: BYTE_UNITS[index] ?? 'byte',
    unitDisplay: index === 0 ? 'long' : 'short',
    maximumFractionDigits: digits,
  });
}

export const formatSpeed = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** 15.2M, 1.1B: as model sizes are spoken of. */
export const formatParameters = (count: number): string => {
  if (count >= 1e9) return `${number(count / 1e9, { maximumSignificantDigits: 3 })}B`;
  return `${number(count / 1e6, { maximumSignificantDigits: 3 })}M`;
};

export const formatNumber = (value: number, maximumFractionDigits = 0): string => number(value, { maximumFractionDigits });

/**
 * The form that a counted text takes in the reader's language: `plural(count, msg('1 line'), msg(str`${formatNumber(count)} lines`))`. The
 * languages that we speak have these two; one with more needs them here first.
 */
export const plural = (count: number, one: string, other: string): string => (plurals({}).select(count) === 'one' ? one : other);

/** Two digits always, so that scores below each other line up. */
export const formatScore = (value: number): string => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const formatPercent = (fraction: number, maximumFractionDigits = 0): string =>
  number(fraction, { style: 'percent', maximumFractionDigits });

/** With its sign, as of a difference. */
export const formatSignedPercent = (fraction: number, maximumFractionDigits = 0): string =>
  number(fraction, { style: 'percent', maximumFractionDigits, signDisplay: 'always' });

const unit = (value: number, name: string, maximumFractionDigits = 0): string =>
  number(value, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits });

/** A span of time as a person would say it: 420 ms, 3.2 s, 1 min 20 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return unit(Math.round(seconds * 1000), 'millisecond');
  if (seconds < 9.95) return unit(seconds, 'second', 1);
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, 'second');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${unit(minutes, 'minute')} ${unit(whole % 60, 'second')}`;
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** The same to the minute: 40 s, 5 min, 1 h, 1 h 30 min. */
export function formatSpan(seconds: number): string {
  if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), 'second');
  const minutes = Math.round(seconds / 60);
  const parts = [Math.floor(minutes / 60), minutes % 60].map((value, i) => (value === 0 ? '' : unit(value, i === 0 ? 'hour' : 'minute')));
  return parts.filter((part) => part !== '').join(' ');
}

/** A place in a recording: 0:07, 12:05, 1:02:03. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const formatDate = (atMs: number): string => dates({ dateStyle: 'medium', timeStyle: 'short' }).format(atMs);

/** Short ones for places on an axis: the time of day where all are of one day, else the day, with its year where there are several. */
export function dayLabels(atMs: readonly number[]): string[] {
  const all = (options: Intl.DateTimeFormatOptions): string[] => {
    const format = dates(options);
    return atMs.map((each) => format.format(each));
  };
  const isOne = (labels: readonly string[]): boolean => new Set(labels).size <= 1;
  if (isOne(all({ dateStyle: 'short' }))) return all({ timeStyle: 'short' });
  const day = { day: 'numeric', month: 'short' } as const;
  return all(isOne(all({ year: 'numeric' })) ? day : { ...day, year: '2-digit' });
}

export const formatTime = (atMs: number): string => dates({ timeStyle: 'medium' }).format(atMs);

/** To the second, for what follows one another. */
export const formatMoment = (atMs: number): string => dates({ dateStyle: 'medium', timeStyle: 'medium' }).format(atMs);

/** A language tag in the reader's own language; the tag itself where the browser knows no name. */
export function formatLanguage(tag: string): string {
  try {
    return names({ type: 'language' }).of(tag) ?? tag;
  } catch (error) {
    if (error instanceof RangeError) return tag;
    throw error;
  }
}

export const formatList = (items: readonly string[]): string => lists({ type: 'conjunction' }).format(items);
