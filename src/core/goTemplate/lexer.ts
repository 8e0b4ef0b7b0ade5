import { TemplateFault } from './fault.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  /** `.Name`, without its dot. */
  | 'field'
  | 'dot'
  /** `$` or `$name`, with the dollar. */
  | 'variable'
  | 'word'
  | 'string'
  | 'number'
  /** One of `( ) | , := =`. */
  | 'sign'
  | 'space'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly line: number;
}

const SPACE = /[ \t\r\n]/;
const TRIM_LEFT = /^[ \t\r\n]+/;
const TRIM_RIGHT = /[ \t\r\n]+$/;
const WORD = /^[\p{L}_][\p{L}\p{N}_]*/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };

/**
 * Cuts a template of Go's text/template into text and the tokens of its actions, with white space trimmed where an action says so and comments left out.
 * @throws TemplateFault
 */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const fail = (message: string): never => {
    throw new TemplateFault(line, message);
  };
  const advance = (count: number): void => {
    for (let i = 0; i < count; i++) if (source[at + i] === '\n') line += 1;
    at += count;
  };
  const push = (kind: TokenKind, text: string, length = text.length): void => {
    tokens.push({ kind, text, line });
    advance(length);
  };

  let trimsNext = false;
  while (at < source.length) {
    const opening = source.indexOf('{{', at);
    const end = opening < 0 ? source.length : opening;
    // A dash trims only where white space parts it from what follows: `{{-3}}` is a number.
    const trimsBefore = opening >= 0 && source[opening + 2] === '-' && SPACE.test(source[opening + 3] ?? '');
    let text = source.slice(at, end);
    if (trimsNext) text = text.replace(TRIM_LEFT, '');
    if (trimsBefore) text = text.replace(TRIM_RIGHT, '');
    if (text !== '') tokens.push({ kind: 'text', text, line });
    advance(end - at);
    trimsNext = false;
    if (opening < 0) break;

    const openLine = line;
    advance(trimsBefore ? 4 : 2);
    if (source.startsWith('/*', at)) {
      const closing = source.indexOf('*/', at);
      if (closing < 0) fail('a comment is not closed: {{/* … */}}');
      advance(closing + 2 - at);
      const rest = /^(\s+-)?\}\}/.exec(source.slice(at));
      if (!rest) return fail('a comment stands alone in its action: {{/* … */}}');
      trimsNext = rest[1] !== undefined;
      advance(rest[0].length);
      continue;
    }
    tokens.push({ kind: 'open', text: '{{', line: openLine });
    for (;;) {
      if (at >= source.length) throw new TemplateFault(openLine, 'an action is not closed: }} is missing');
      const letter = source[at] ?? '';
      const rest = source.slice(at, at + 4096);
      const trim = /^[ \t\r\n]+-\}\}/.exec(rest);
      if (trim || rest.startsWith('}}')) {
        push('close', '}}', trim ? trim[0].length : 2);
        trimsNext = trim !== null;
        break;
      }
      if (SPACE.test(letter)) {
        push('space', ' ', TRIM_LEFT.exec(rest)?.[0].length);
      } else if (letter === '"') {
        const [text, length] = quoted(source, at, fail);
        push('string', text, length);
      } else if (letter === '`') {
        const closing = source.indexOf('`', at + 1);
        if (closing < 0) fail('a string in ` is not closed');
        push('string', source.slice(at + 1, closing), closing + 1 - at);
      } else if (letter === '.') {
        const name = WORD.exec(rest.slice(1))?.[0];
        if (name === undefined) push('dot', '.');
        else push('field', name, name.length + 1);
      } else if (letter === '$') {
        push('variable', `$${WORD.exec(rest.slice(1))?.[0] ?? ''}`);
      } else if (rest.startsWith(':=')) {
        push('sign', ':=');
      } else if ('()|,='.includes(letter)) {
        push('sign', letter);
      } else {
        const number = NUMBER.exec(rest)?.[0];
        const word = WORD.exec(rest)?.[0];
        if (number !== undefined) push('number', number);
        else if (word !== undefined) push('word', word);
        else fail(`"${letter}" is not understood in an action`);
      }
    }
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}

function quoted(source: string, from: number, fail: (message: string) => never): [text: string, length: number] {
  let text = '';
  for (let i = from + 1; i < source.length; i++) {
    const letter = source[i] ?? '';
    if (letter === '"') return [text, i + 1 - from];
    if (letter === '\n') break;
    if (letter !== '\\') {
      text += letter;
      continue;
    }
    const escaped = source[++i] ?? '';
    const code = /^u([0-9a-fA-F]{4})|^x([0-9a-fA-F]{2})/.exec(source.slice(i, i + 5));
    if (code) {
      text += String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? '', 16));
      i += code[0].length - 1;
    } else text += ESCAPES[escaped] ?? fail(`"\\${escaped}" is not understood in a string`);
  }
  return fail('a string is not closed: " is missing');
}
