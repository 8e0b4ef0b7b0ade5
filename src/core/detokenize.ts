/** Text that became final: whole characters, nothing that a stop string may still swallow. */
export interface TextStream {
  /** Takes the next token; returns the text that is final now, which may be empty. */
  push(id: number): string;
  /** What was held back, when no more tokens come. Empty after a stop string. */
  finish(): string;
  /** Length of the text that the tokens so far made, what is held back included. */
  readonly length: number;
  /** A stop string was met; it and what follows it are never returned. */
  readonly stopped: boolean;
}

/** Tokens of the prompt that are decoded along, so that a first token keeps its leading space. Enough for a character of 4 byte tokens. */
const CONTEXT_TOKENS = 6;
const REPLACEMENT = '\uFFFD';
/** Half of a character has three bytes at most, and each token one at least. */
const HALF_TOKENS = 3;
/** New tokens that end as half of a character does, over and over, are bytes that are none: past so many all but the last are shown as they are. */
const MOST_NEW_TOKENS = 8;

/**
 * Tokens to text, one at a time. A tokenizer's `decode` of a lone token loses what depends on its neighbours: the
 * leading space of SentencePiece, a character cut into byte tokens. So each step decodes a short window and
 * takes the difference, as vLLM and Text Generation Inference do.
 * @param decode of whole token lists, special tokens skipped
 * @param prompt what the answer continues; empty when it stands alone
 */
export function createTextStream(decode: (ids: number[]) => string, prompt: readonly number[], stop: readonly string[]): TextStream {
  const stops = stop.filter((s) => s !== '');
  let window = prompt.slice(-CONTEXT_TOKENS);
  let known = window.length;
  let knownText = decode(window);
  let pending = '';
  let length = 0;
  let stopped = false;

  const decodeNew = (final: boolean): string => {
    const text = decode(window);
    // A trailing replacement character is half of a character whose other bytes are still to come.
    if (!final && text.endsWith(REPLACEMENT)) return window.length - known > MOST_NEW_TOKENS ? decodeBroken(text) : '';
    const added = text.slice(knownText.length);
    length += added.length;
    window = window.slice(known);
    known = window.length;
    knownText = decode(window);
    return added;
  };

  /** What lies before the half that may still become a character, cut where the tokens that follow change nothing of it. */
  const decodeBroken = (text: string): string => {
    for (let cut = window.length - HALF_TOKENS; cut > known; cut--) {
      const before = decode(window.slice(0, cut));
      if (!text.startsWith(before)) continue;
      const added = before.slice(knownText.length);
      length += added.length;
      const from = Math.max(0, cut - CONTEXT_TOKENS);
      window = window.slice(from);
      known = cut - from;
      knownText = decode(window.slice(0, known));
      return added;
    }
    return '';
  };

  const release = (final: boolean): string => {
    const at = firstStop(pending, stops);
    const safe = at ?? (final ? pending.length : pending.length - heldBack(pending, stops));
    const out = pending.slice(0, safe);
    stopped = at !== undefined;
    pending = stopped ? '' : pending.slice(safe);
    return out;
  };

  return {
    push(id) {
      if (stopped) return '';
      window.push(id);
      pending += decodeNew(false);
      return release(false);
    },
    finish() {
      if (stopped) return '';
      pending += decodeNew(true);
      return release(true);
    },
    get length() {
      return length;
    },
    get stopped() {
      return stopped;
    },
  };
}

function firstStop(text: string, stops: readonly string[]): number | undefined {
  let first: number | undefined;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first === undefined || at < first)) first = at;
  }
  return first;
}

/** Length of the longest end of `text` that begins a stop string. */
function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > held; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        held = length;
        break;
      }
    }
  }
  return held;
}
