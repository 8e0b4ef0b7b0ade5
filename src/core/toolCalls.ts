import { type ToolStyle, WRITINGS } from './toolUse.ts';

/** A part of a call, as it comes. */
export interface ToolCallPart {
  /** Which call of the answer, from 0. */
  readonly index: number;
  /** With the first part. */
  readonly name?: string;
  /** JSON text; the parts of a call make up the whole. */
  readonly arguments: string;
}

export interface ReadText {
  /** What is no call. */
  readonly content: string;
  readonly parts: readonly ToolCallPart[];
}

/** Tells calls from text while an answer comes in. */
export interface ToolCallReader {
  push(text: string): ReadText;
  /** What was held back, when no more comes: the beginning of a mark that was none. */
  finish(): ReadText;
  /** Calls that are whole. */
  readonly done: number;
  /** Within a call. */
  readonly isInside: boolean;
}

/** @param style in which the answer's grammar has it write: calls have exactly this form */
export function createToolCallReader(style: ToolStyle): ToolCallReader {
  const { begin, head, middle, end } = WRITINGS[style];
  const opening = begin + head;
  let place: 'text' | 'name' | 'arguments' | 'end' = 'text';
  let pending = '';
  let index = -1;
  let done = 0;
  let isBegun = false;
  let scan = createObjectScan();

  /** Text before a mark; behind a call, and at the very beginning, white space says nothing. */
  const released = (final: boolean): string => {
    const at = pending.indexOf(opening);
    const isCall = style === 'hermes' ? at >= 0 : at === 0 && !isBegun;
    const held = final || (style === 'llama' && isBegun) ? 0 : heldBack(pending, opening);
    const upTo = isCall ? at : pending.length - held;
    let out = pending.slice(0, upTo);
    // Until it is known whether more than white space comes.
    if ((done > 0 || !isBegun) && out.trim() === '') {
      if (!isCall && !final) return '';
      if (done > 0 || isCall) out = '';
    }
    pending = pending.slice(upTo);
    if (out !== '') isBegun = true;
    if (isCall) {
      pending = pending.slice(opening.length);
      place = 'name';
      index += 1;
      isBegun = true;
    }
    return out;
  };

  const read = (final: boolean): ReadText => {
    let content = '';
    const parts: ToolCallPart[] = [];
    for (;;) {
      const before = place;
      if (place === 'text') content += released(final);
      else if (place === 'name') {
        const at = pending.indexOf(middle);
        if (at >= 0) {
          parts.push({ index, name: pending.slice(0, at), arguments: '' });
          pending = pending.slice(at + middle.length);
          scan = createObjectScan();
          place = 'arguments';
        }
      } else if (place === 'arguments') {
        const length = scan.take(pending);
        if (length > 0) parts.push({ index, arguments: pending.slice(0, length) });
        pending = pending.slice(length);
        if (scan.isWhole) place = 'end';
      } else if (pending.length >= end.length) {
        pending = pending.slice(end.length);
        done += 1;
        place = 'text';
      }
      if (place === before) return { content, parts: joinParts(parts) };
    }
  };

  return {
    push(text) {
      pending += text;
      return read(false);
    },
    finish: () => read(true),
    get done() {
      return done;
    },
    get isInside() {
      return place !== 'text';
    },
  };
}

/** Of each call one part. */
export function joinParts(parts: readonly ToolCallPart[]): ToolCallPart[] {
  const out: ToolCallPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (last?.index === part.index) out[out.length - 1] = { ...last, arguments: last.arguments + part.arguments };
    else out.push(part);
  }
  return out;
}

/** Length of the longest end of `text` that begins a mark. */
function heldBack(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}

/** Finds the end of a JSON object that comes in pieces. */
function createObjectScan() {
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let isWhole = false;
  return {
    /** How much of this belongs to the object. */
    take(text: string): number {
      for (let at = 0; at < text.length; at++) {
        const char = text[at];
        if (isEscaped) isEscaped = false;
        else if (isText) {
          if (char === '\\') isEscaped = true;
          else if (char === '"') isText = false;
        } else if (char === '"') isText = true;
        else if (char === '{' || char === '[') depth += 1;
        else if (char === '}' || char === ']') {
          depth -= 1;
          if (depth === 0) {
            isWhole = true;
            return at + 1;
          }
        }
      }
      return text.length;
    },
    get isWhole() {
      return isWhole;
    },
  };
}
