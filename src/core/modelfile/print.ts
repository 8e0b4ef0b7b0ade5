import { SillError } from '../errors.ts';
import { commandsOf } from './reader.ts';

/** What a Modelfile is written from: values as text, by Ollama's names. */
export interface ModelfileParts {
  readonly from: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly template?: string;
  readonly system?: string;
  readonly messages?: ReadonlyArray<{ readonly role: string; readonly content: string }>;
  readonly license?: string | readonly string[];
}

/**
 * Writes a Modelfile. Reading it gives what went in.
 * @throws SillError `invalid_request` for a text that the grammar cannot hold: it has `"""` at the end of one of its lines
 */
export function printModelfile({ from, parameters = {}, template, system, messages = [], license = [] }: ModelfileParts): string {
  const lines = [instruction('FROM', from)];
  for (const [name, value] of Object.entries(parameters)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) lines.push(instruction(`PARAMETER ${name}`, String(each)));
  }
  if (template !== undefined) lines.push(instruction('TEMPLATE', template));
  if (system !== undefined) lines.push(instruction('SYSTEM', system));
  for (const { role, content } of messages) lines.push(instruction(`MESSAGE ${role}`, content));
  for (const text of typeof license === 'string' ? [license] : license) lines.push(instruction('LICENSE', text));
  return `${lines.join('\n')}\n`;
}

/** In the lightest quotation marks in which it is read as it is. */
function instruction(head: string, value: string): string {
  const text = value.replace(/\r\n?/g, '\n');
  for (const mark of ['', '"', '"""']) {
    const written = `${head} ${mark}${text}${mark}`;
    const { commands, faults } = commandsOf(written);
    if (faults.length === 0 && commands.length === 1 && commands[0]?.value === text) return written;
  }
  throw new SillError('invalid_request', `A Modelfile cannot hold this text for ${head}: a line of it ends with """. Change that line.`);
}
