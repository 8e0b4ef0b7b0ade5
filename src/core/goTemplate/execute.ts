import { TemplateFault } from './fault.ts';
import { FUNCTIONS } from './functions.ts';
import type { GoTemplate, Node, Operand, Pipe } from './syntax.ts';
import { type GoValue, isList, isRecord, isTrue, printed } from './values.ts';

/** A template is somebody's program: one that runs wild ends here. */
const MAX_STEPS = 1_000_000;
const MAX_LENGTH = 16_000_000;
/** Of templates that take in others. */
const MAX_NESTED = 50;

type Signal = 'break' | 'continue' | undefined;
interface Frame {
  readonly dot: GoValue;
  /** Innermost last. */
  readonly variables: Map<string, GoValue>[];
  readonly nested: number;
}

/**
 * What a template makes of its data.
 * @throws TemplateFault where it asks for what is not there, or does not end
 */
export function executeGoTemplate({ root, named }: GoTemplate, data: GoValue): string {
  let text = '';
  let steps = 0;

  const write = (more: string, line: number): void => {
    text += more;
    if (text.length > MAX_LENGTH) throw new TemplateFault(line, 'the text becomes endless');
  };
  const set = ({ variables }: Frame, name: string, value: GoValue): void => void variables.at(-1)?.set(name, value);
  const assign = ({ variables }: Frame, name: string, value: GoValue): void => {
    variables.findLast((scope) => scope.has(name))?.set(name, value);
  };
  const scoped = (frame: Frame, change: Partial<Frame> = {}): Frame => ({
    ...frame,
    ...change,
    variables: [...frame.variables, new Map()],
  });

  const fieldsOf = (value: GoValue, fields: readonly string[], line: number): GoValue => {
    let found = value;
    for (const field of fields) {
      if (!isRecord(found))
        throw new TemplateFault(
          line,
          `there is no .${field} of ${found === undefined ? 'nothing' : isList(found) ? 'a list' : `a ${typeof found}`}`,
        );
      if (!Object.hasOwn(found.fields, field)) {
        if (found.isMap) return undefined;
        throw new TemplateFault(
          line,
          `there is no .${field} here; there are ${Object.keys(found.fields)
            .map((name) => `.${name}`)
            .join(', ')}`,
        );
      }
      found = found.fields[field];
    }
    return found;
  };

  const read = ({ value, fields, line }: Operand, frame: Frame): GoValue => {
    const own = (): GoValue => {
      if (value.kind === 'dot') return frame.dot;
      if (value.kind === 'constant') return value.constant;
      if (value.kind === 'variable') return frame.variables.findLast((scope) => scope.has(value.variable))?.get(value.variable);
      if (value.kind === 'pipe') return evaluate(value.pipe, frame);
      return call(value.called, [], frame, line);
    };
    return fieldsOf(own(), fields, line);
  };

  const call = (name: string, given: ReadonlyArray<Operand | { readonly given: GoValue }>, frame: Frame, line: number): GoValue => {
    const valueAt = (argument: Operand | { readonly given: GoValue }) => ('given' in argument ? argument.given : read(argument, frame));
    if (name === 'and' || name === 'or') {
      if (given.length === 0) throw new TemplateFault(line, `${name} wants a value`);
      let last: GoValue;
      for (const argument of given) {
        last = valueAt(argument);
        if (isTrue(last) === (name === 'or')) break;
      }
      return last;
    }
    try {
      return FUNCTIONS[name]?.(...given.map(valueAt));
    } catch (reason) {
      if (reason instanceof TemplateFault) throw reason;
      throw new TemplateFault(line, `${name}: ${reason instanceof Error ? reason.message : String(reason)}`);
    }
  };

  function evaluate(pipe: Pipe, frame: Frame): GoValue {
    let result: GoValue;
    for (const [i, [first, ...others]] of pipe.commands.entries()) {
      steps += 1;
      if (!first || steps > MAX_STEPS) throw new TemplateFault(pipe.line, 'the template does not come to an end');
      const piped = i === 0 ? [] : [{ given: result }];
      result =
        first.value.kind === 'call'
          ? fieldsOf(call(first.value.called, [...others, ...piped], frame, first.line), first.fields, first.line)
          : read(first, frame);
    }
    return result;
  }

  /** Evaluates it, and sets what it declares. */
  const take = (pipe: Pipe, frame: Frame): GoValue => {
    const value = evaluate(pipe, frame);
    for (const name of pipe.declares) (pipe.isAssignment ? assign : set)(frame, name, value);
    return value;
  };

  const entriesOf = (value: GoValue, line: number): Array<readonly [GoValue, GoValue]> => {
    if (isList(value)) return value.map((each, i) => [i, each] as const);
    if (isRecord(value) && value.isMap) return Object.entries(value.fields).sort(([a], [b]) => (a < b ? -1 : 1));
    if (value === undefined) return [];
    if (typeof value === 'number' && Number.isInteger(value))
      return Array.from({ length: Math.min(value, MAX_STEPS) }, (_, i) => [i, i] as const);
    throw new TemplateFault(line, 'range wants a list or a map');
  };

  const loop = (node: Extract<Node, { kind: 'range' }>, frame: Frame): Signal => {
    const { pipe, body, other, line } = node;
    const entries = entriesOf(evaluate(pipe, frame), line);
    if (entries.length === 0) return run(other, scoped(frame));
    const [first, second] = pipe.declares;
    const bind = pipe.isAssignment ? assign : set;
    for (const [key, value] of entries) {
      const inner = scoped(frame, { dot: value });
      if (first !== undefined && second === undefined) bind(inner, first, value);
      else if (first !== undefined && second !== undefined) {
        bind(inner, first, key);
        bind(inner, second, value);
      }
      if (run(body, scoped(inner)) === 'break') break;
    }
    return undefined;
  };

  function run(nodes: readonly Node[], frame: Frame): Signal {
    for (const node of nodes) {
      if (++steps > MAX_STEPS) throw new TemplateFault(node.line, 'the template does not come to an end');
      if (node.kind === 'text') write(node.text, node.line);
      else if (node.kind === 'action') {
        const value = take(node.pipe, frame);
        if (node.pipe.declares.length === 0) write(printed(value), node.line);
      } else if (node.kind === 'if' || node.kind === 'with') {
        const inner = scoped(frame);
        const value = take(node.pipe, inner);
        const holds = isTrue(value);
        const signal = run(holds ? node.body : node.other, scoped(inner, holds && node.kind === 'with' ? { dot: value } : {}));
        if (signal) return signal;
      } else if (node.kind === 'range') {
        const signal = loop(node, scoped(frame));
        if (signal) return signal;
      } else if (node.kind === 'template') {
        const body = named.get(node.template);
        if (!body) throw new TemplateFault(node.line, `there is no template "${node.template}"`);
        if (frame.nested >= MAX_NESTED) throw new TemplateFault(node.line, 'templates take each other in without an end');
        const dot = node.pipe && evaluate(node.pipe, frame);
        run(body, { dot, variables: [new Map([['$', dot]])], nested: frame.nested + 1 });
      } else return node.kind;
    }
    return undefined;
  }

  run(root, { dot: data, variables: [new Map([['$', data]])], nested: 0 });
  return text;
}
