/** In seconds from the beginning of the recording. */
export type Segments = ReadonlyArray<{ readonly start: number; readonly end: number; readonly text: string }>;

const two = (value: number): string => String(value).padStart(2, '0');

/** @param separator a comma in SubRip, a point in WebVTT. */
function timestamp(seconds: number, separator: ',' | '.'): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60].map(two).join(':');
  return `${clock}${separator}${String(ms % 1000).padStart(3, '0')}`;
}

/** SubRip, as most players read it. */
export const toSrt = (segments: Segments): string =>
  segments
    .map(({ start, end, text }, index) => `${index + 1}\n${timestamp(start, ',')} --> ${timestamp(end, ',')}\n${text.trim()}\n`)
    .join('\n');

/** WebVTT (W3C). `&`, `<` and the arrow have a meaning in cue text and are escaped. */
export const toVtt = (segments: Segments): string =>
  [
    'WEBVTT\n',
    ...segments.map(({ start, end, text }) => `${timestamp(start, '.')} --> ${timestamp(end, '.')}\n${escapeCue(text.trim())}\n`),
  ].join('\n');

export const toText = (segments: Segments): string => `${segments.map(({ text }) => text.trim()).join('\n')}\n`;

const escapeCue = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
