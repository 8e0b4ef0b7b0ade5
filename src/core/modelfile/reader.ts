import type { ModelfileFault } from './faults.ts';

export const INSTRUCTIONS = [
  'FROM',
  'PARAMETER',
  'TEMPLATE',
  'SYSTEM',
  'MESSAGE',
  'LICENSE',
  'REQUIRES',
  'ADAPTER',
  'DRAFT',
  'RENDERER',
  'PARSER',
] as const;
export type Instruction = (typeof INSTRUCTIONS)[number];

/** One instruction with its value, out of its quotation marks. */
export interface Command {
  readonly name: Instruction;
  /** Of PARAMETER its name, of MESSAGE the role, else empty. */
  readonly argument: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

const NAMED = /^[ \t]*([A-Za-z]+)(?:[ \t]+(.*))?$/;
const ARGUMENT = /^(\S+)(?:[ \t]+(.*))?$/;

/**
 * Cuts a Modelfile into its instructions as Ollama's parser does: one a line, without regard to case, `#` begins a line that says nothing, and a
 * value in `"` or `"""` goes on to the line that ends with the same. What is wrong with one line does not hide the others.
 */
export function commandsOf(text: string): { readonly commands: readonly Command[]; readonly faults: readonly ModelfileFault[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const commands: Command[] = [];
  const faults: ModelfileFault[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (/^[ \t]*(?:#|$)/.test(line)) continue;
    const at = i + 1;
    const [, word, given = ''] = NAMED.exec(line) ?? [];
    const name = INSTRUCTIONS.find((instruction) => instruction === word?.toUpperCase());
    if (!name) {
      faults.push({ line: at, code: 'instruction-unknown', what: (word ?? line.trim()).slice(0, 80) });
      continue;
    }
    const takesArgument = name === 'PARAMETER' || name === 'MESSAGE';
    const [, argument = '', rest = ''] = takesArgument ? (ARGUMENT.exec(given) ?? []) : [undefined, '', given];
    const label = argument === '' ? name : `${name} ${argument.slice(0, 60)}`;
    // A value in quotation marks ends with a line, not with the next mark: it may hold any.
    let value = rest.trimStart();
    let end = i;
    let read = unquoted(value.trimEnd());
    while (read === undefined && end + 1 < lines.length) {
      end += 1;
      value = `${value}\n${lines[end] ?? ''}`;
      read = unquoted(value.trimEnd());
    }
    if (read === undefined) {
      faults.push({ line: at, code: 'quote-open', what: label });
      continue;
    }
    i = end;
    const isQuoted = value.startsWith('"');
    if (read === '' && !isQuoted) faults.push({ line: at, code: 'value-missing', what: label });
    else commands.push({ name, argument, value: read, line: at });
  }
  return { commands, faults };
}

/** @returns undefined for what begins with a quotation mark and does not end with it yet */
function unquoted(text: string): string | undefined {
  for (const mark of ['"""', '"']) {
    if (!text.startsWith(mark)) continue;
    return text.length >= 2 * mark.length && text.endsWith(mark) ? text.slice(mark.length, -mark.length) : undefined;
  }
  return text;
}
