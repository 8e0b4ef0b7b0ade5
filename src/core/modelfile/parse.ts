import { faultOfGoTemplate, isGoTemplate } from '../goTemplate/chat.ts';
import { type BaseReference, parseBaseReference } from './base.ts';
import type { ModelfileFault, ModelfileNote } from './faults.ts';
import { type DerivedParameters, readParameter } from './parameters.ts';
import { commandsOf } from './reader.ts';

export interface ModelfileMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a Modelfile says. Absent is what it leaves to its base; an empty text is said. */
export interface Modelfile {
  readonly from: BaseReference;
  readonly parameters: DerivedParameters;
  /** Jinja, or Go's text/template. */
  readonly template?: string;
  readonly system?: string;
  readonly messages: readonly ModelfileMessage[];
  readonly licences: readonly string[];
}

export interface ReadModelfile {
  /** Absent where there is a fault. */
  readonly modelfile?: Modelfile;
  readonly faults: readonly ModelfileFault[];
  readonly notes: readonly ModelfileNote[];
  /** Where the template begins, for who knows more of Jinja than is known here. */
  readonly templateLine?: number;
}

export const MAX_MODELFILE_LENGTH = 256 * 1024;
const ROLE = /^(system|user|assistant)$/;
const VERSION = /^v?\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?$/;

/** Reads a Modelfile of Ollama's grammar. All faults are told, in the order of their lines. */
export function readModelfile(text: string): ReadModelfile {
  if (text.length > MAX_MODELFILE_LENGTH) return { faults: [{ line: 1, code: 'too-long', what: '' }], notes: [] };
  const { commands, faults: unread } = commandsOf(text);
  const faults: ModelfileFault[] = [...unread];
  const notes: ModelfileNote[] = [];
  let from: BaseReference | undefined;
  let hasFrom = false;
  let parameters: DerivedParameters = {};
  let template: string | undefined;
  let templateLine: number | undefined;
  let system: string | undefined;
  const messages: ModelfileMessage[] = [];
  const licences: string[] = [];
  const fault = (line: number, code: ModelfileFault['code'], what: string, why?: string): void => {
    faults.push({ line, code, what: what.slice(0, 80), ...(why === undefined ? {} : { why }) });
  };

  for (const { name, argument, value, line } of commands) {
    if (name === 'FROM') {
      if (hasFrom) fault(line, 'from-second', value);
      hasFrom = true;
      const reference = parseBaseReference(value);
      if ('code' in reference) fault(line, reference.code, value);
      else from ??= reference;
    } else if (name === 'PARAMETER') {
      const read = readParameter(argument, value);
      if (read.kind === 'set') {
        const stop = read.parameters.stop && [...(parameters.stop ?? []), ...read.parameters.stop];
        parameters = { ...parameters, ...read.parameters, ...(stop ? { stop } : {}) };
      } else if (read.kind === 'note') notes.push({ line, code: `parameter-${read.about}`, what: argument });
      else if (read.kind === 'wrong') fault(line, 'parameter-value', `${argument} ${value}`, read.expected);
      else fault(line, `parameter-${read.kind}`, argument);
    } else if (name === 'TEMPLATE') {
      template = value;
      templateLine = line;
      const wrong = isGoTemplate(value) ? faultOfGoTemplate(value) : undefined;
      if (wrong) fault(line + wrong.line - 1, 'template', '', wrong.message);
    } else if (name === 'SYSTEM') system = value;
    else if (name === 'LICENSE') licences.push(value);
    else if (name === 'MESSAGE') {
      const [, role] = ROLE.exec(argument) ?? [];
      if (role === 'system' || role === 'user' || role === 'assistant') messages.push({ role, content: value });
      else fault(line, 'message-role', argument);
    } else if (name === 'REQUIRES') {
      if (VERSION.test(value)) notes.push({ line, code: 'requires', what: value });
      else fault(line, 'requires-version', value);
    } else if (name === 'ADAPTER') fault(line, 'adapter', value);
    else if (name === 'DRAFT') fault(line, 'instruction-foreign', name);
    // How a model's own words are read is Ollama's business; the template says how it is spoken to.
    else notes.push({ line, code: 'renderer', what: name });
  }
  if (!hasFrom) fault(1, 'from-missing', '');
  faults.sort((a, b) => a.line - b.line);
  const read = { faults, notes, ...(templateLine === undefined ? {} : { templateLine }) };
  if (faults.length > 0 || !from) return read;
  return {
    ...read,
    modelfile: {
      ...{ from, parameters, messages, licences },
      ...(template === undefined ? {} : { template }),
      ...(system === undefined ? {} : { system }),
    },
  };
}
