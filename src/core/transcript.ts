/** Seconds between two of Whisper's timestamp tokens. */
const TIMESTAMP_SECONDS = 0.02;

export interface TimedTokens {
  /** Text tokens; timestamps taken out. */
  readonly ids: number[];
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface WindowReading {
  readonly segments: TimedTokens[];
  /** How far the next window starts after this one. Always more than 0. */
  readonly advanceSeconds: number;
}

/**
 * Segments of one window of a long recording, and where the next window begins, by the rules of OpenAI's Whisper (`transcribe.py`):
 * segments stand between pairs of timestamps; a sentence that the window's end cuts is left to the next window.
 * @param tokens what was generated, without start and end tokens
 * @param timestampBegin id of `<|0.00|>`
 * @param windowSeconds length of the window's own audio, padding left out
 */
export function readWindow(tokens: readonly number[], timestampBegin: number, windowSeconds: number): WindowReading {
  const isTime = (id: number | undefined): id is number => id !== undefined && id >= timestampBegin;
  const secondsOf = (id: number | undefined) =>
    isTime(id) ? Math.min((id - timestampBegin) * TIMESTAMP_SECONDS, windowSeconds) : undefined;
  const endsClosed = isTime(tokens.at(-1)) && !isTime(tokens.at(-2));

  const cuts = tokens.flatMap((id, i) => (i > 0 && isTime(id) && isTime(tokens[i - 1]) ? [i] : []));
  if (cuts.length > 0 && endsClosed) cuts.push(tokens.length);

  const segment = (from: number, to: number): TimedTokens => {
    const slice = tokens.slice(from, to);
    const times = slice.filter(isTime);
    const fromSeconds = secondsOf(isTime(slice[0]) ? slice[0] : undefined) ?? 0;
    const toSeconds = secondsOf(times.at(-1)) ?? windowSeconds;
    return { ids: slice.filter((id) => !isTime(id)), fromSeconds, toSeconds: toSeconds > fromSeconds ? toSeconds : windowSeconds };
  };

  const bounds = cuts.length > 0 ? cuts : [tokens.length];
  const segments = bounds.map((to, i) => segment(i === 0 ? 0 : (bounds[i - 1] ?? 0), to)).filter(({ ids }) => ids.length > 0);
  const lastCut = cuts.at(-1);
  const reached = lastCut !== undefined && !endsClosed ? secondsOf(tokens[lastCut - 1]) : undefined;
  return { segments, advanceSeconds: reached !== undefined && reached > 0 ? reached : windowSeconds };
}
