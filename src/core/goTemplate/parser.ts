import { TemplateFault } from './fault.ts';
import { FUNCTION_NAMES } from './functions.ts';
import { type Token, type TokenKind, tokensOf } from './lexer.ts';
import type { GoTemplate, Node, Operand, Pipe } from './syntax.ts';

/** What ends a list of nodes. */
type Ending = 'end' | 'else' | 'file';

/** As deep as anything sensible is. */
const MAX_DEPTH = 100;

/**
 * Reads a template of Go's text/template (Go 1.23), with Ollama's functions.
 * @throws TemplateFault for what is wrong, and for what is not understood here: a function, a method with arguments
 */
export function parseGoTemplate(source: string): GoTemplate {
  const tokens = tokensOf(source);
  const named = new Map<string, readonly Node[]>();
  let at = 0;
  let depth = 0;
  let loops = 0;
  let scope = new Set(['$']);

  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '', line: 1 };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const is = (kind: TokenKind, text?: string): boolean => peek().kind === kind && (text === undefined || peek().text === text);
  const skipSpace = (): void => {
    while (is('space')) at += 1;
  };
  const fail = (message: string, line = peek().line): never => {
    throw new TemplateFault(line, message);
  };
  const close = (after: string): void => {
    skipSpace();
    if (!is('close')) fail(`${show(peek())} is not understood after ${after}`);
    at += 1;
  };
  /** Variables of a block end with it. */
  const inScope = <T>(work: () => T): T => {
    const outer = scope;
    scope = new Set(outer);
    try {
      return work();
    } finally {
      scope = outer;
    }
  };

  const operand = (): Operand => {
    const token = next();
    const { line, text } = token;
    const fields: string[] = [];
    let value: Operand['value'];
    if (token.kind === 'dot') value = { kind: 'dot' };
    else if (token.kind === 'field') {
      value = { kind: 'dot' };
      fields.push(text);
    } else if (token.kind === 'variable') {
      if (!scope.has(text)) fail(`the variable ${text} is used before it is set`, line);
      value = { kind: 'variable', variable: text };
    } else if (token.kind === 'string') value = { kind: 'constant', constant: text };
    else if (token.kind === 'number') value = { kind: 'constant', constant: Number(text) };
    else if (token.kind === 'word' && (text === 'true' || text === 'false')) value = { kind: 'constant', constant: text === 'true' };
    else if (token.kind === 'word' && text === 'nil') value = { kind: 'constant', constant: undefined };
    else if (token.kind === 'word') {
      if (!FUNCTION_NAMES.has(text)) fail(`the function "${text}" is not known here`, line);
      value = { kind: 'call', called: text };
    } else if (token.kind === 'sign' && text === '(') {
      value = { kind: 'pipe', pipe: pipeline('a bracket') };
      skipSpace();
      if (!is('sign', ')')) fail(`${show(peek())} is not understood: ) is missing`);
      at += 1;
    } else return fail(`${show(token)} is not understood here`, line);
    while (is('field')) fields.push(next().text);
    return { value, fields, line };
  };

  const command = (): Operand[] => {
    const operands: Operand[] = [];
    for (;;) {
      skipSpace();
      if (is('close') || is('end') || is('sign', '|') || is('sign', ')')) break;
      operands.push(operand());
      if (!is('space') && !is('close') && !is('end') && !is('sign')) fail(`${show(peek())} is not understood here: a blank is missing`);
    }
    const [first, ...others] = operands;
    if (!first) return fail('a value is missing');
    if (others.length > 0 && first.value.kind !== 'call') fail('only functions take values: eq, and, index …', first.line);
    return operands;
  };

  const declaration = (): Pick<Pipe, 'declares' | 'isAssignment'> => {
    const from = at;
    const declares: string[] = [];
    for (;;) {
      skipSpace();
      if (!is('variable')) break;
      declares.push(next().text);
      skipSpace();
      if (is('sign', ',')) {
        at += 1;
        continue;
      }
      if (is('sign', ':=') || is('sign', '=')) return { declares, isAssignment: next().text === '=' };
      break;
    }
    at = from;
    return { declares: [], isAssignment: false };
  };

  function pipeline(context: string): Pipe {
    if (++depth > MAX_DEPTH) fail('brackets lie too deep in each other');
    skipSpace();
    const { line } = peek();
    const { declares, isAssignment } = declaration();
    if (declares.length > (context === 'range' ? 2 : 1)) fail(`too many variables are set in ${context}`, line);
    if (isAssignment) {
      for (const name of declares) if (!scope.has(name)) fail(`the variable ${name} is used before it is set`, line);
    }
    const commands = [command()];
    skipSpace();
    while (is('sign', '|')) {
      at += 1;
      const further = command();
      if (further[0]?.value.kind !== 'call') fail('after | comes a function', further[0]?.line);
      commands.push(further);
      skipSpace();
    }
    // Seen from here on, and not by the value itself.
    for (const name of declares) scope.add(name);
    depth -= 1;
    return { declares, isAssignment, commands, line };
  }

  const branch = (kind: 'if' | 'with' | 'range', line: number): Node =>
    inScope(() => {
      const pipe = pipeline(kind);
      close(kind);
      if (kind === 'range') loops += 1;
      const [body, ending] = inScope(() => nodes());
      if (kind === 'range') loops -= 1;
      if (ending === 'file') return fail(`{{ ${kind} }} is not closed: {{ end }} is missing`, line);
      if (ending === 'end') {
        close('end');
        return { kind, pipe, body, other: [], line };
      }
      skipSpace();
      if (kind !== 'range' && is('word', kind)) {
        const again = next();
        return { kind, pipe, body, other: [branch(kind, again.line)], line };
      }
      close('else');
      const [other, last] = inScope(() => nodes());
      if (last !== 'end') return fail(`{{ ${kind} }} is not closed: {{ end }} is missing`, line);
      close('end');
      return { kind, pipe, body, other, line };
    });

  const nameOf = (what: string): string => {
    skipSpace();
    if (!is('string')) fail(`${what} wants a name in quotation marks`);
    return next().text;
  };

  const definition = (name: string, line: number): void => {
    const outer = { scope, loops };
    [scope, loops] = [new Set(['$']), 0];
    const [body, ending] = nodes();
    ({ scope, loops } = outer);
    if (ending !== 'end') fail('{{ define }} is not closed: {{ end }} is missing', line);
    close('end');
    named.set(name, body);
  };

  /** @returns also what ended them, with its word read */
  function nodes(): [nodes: Node[], ending: Ending] {
    if (++depth > MAX_DEPTH) fail('blocks lie too deep in each other');
    const list: Node[] = [];
    for (;;) {
      const token = next();
      if (token.kind === 'end') {
        depth -= 1;
        return [list, 'file'];
      }
      if (token.kind === 'text') {
        list.push({ kind: 'text', text: token.text, line: token.line });
        continue;
      }
      skipSpace();
      const { kind, text, line } = peek();
      const word = kind === 'word' ? text : '';
      if (word === 'end' || word === 'else') {
        at += 1;
        depth -= 1;
        return [list, word];
      }
      if (word === 'if' || word === 'with' || word === 'range') {
        at += 1;
        list.push(branch(word, line));
      } else if (word === 'break' || word === 'continue') {
        at += 1;
        if (loops === 0) fail(`{{ ${word} }} stands outside of {{ range }}`, line);
        close(word);
        list.push({ kind: word, line });
      } else if (word === 'define') {
        at += 1;
        const name = nameOf('define');
        close('define');
        definition(name, line);
      } else if (word === 'template' || word === 'block') {
        at += 1;
        const name = nameOf(word);
        skipSpace();
        const pipe = is('close') ? undefined : pipeline(word);
        close(word);
        if (word === 'block') definition(name, line);
        list.push({ kind: 'template', template: name, pipe, line });
      } else {
        const pipe = pipeline('an action');
        close('a value');
        list.push({ kind: 'action', pipe, line });
      }
    }
  }

  const [root, ending] = nodes();
  if (ending !== 'file') fail(`{{ ${ending} }} closes nothing`, tokens[at - 1]?.line);
  return { root, named };
}

const show = ({ kind, text }: Token): string => (kind === 'end' ? 'the end' : kind === 'field' ? `".${text}"` : `"${text.slice(0, 40)}"`);
