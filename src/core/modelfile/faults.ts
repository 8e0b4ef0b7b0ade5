import { SillError } from '../errors.ts';

/** What can be wrong with a Modelfile. `what` is the word, value or name in question, as it stands there. */
export const FAULT_CODES = [
  'adapter',
  'from-file',
  'from-missing',
  'from-name',
  'from-second',
  'instruction-foreign',
  'instruction-unknown',
  'message-role',
  'parameter-unknown',
  'parameter-unsupported',
  'parameter-value',
  'quote-open',
  'requires-version',
  'template',
  'too-long',
  'value-missing',
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

export interface ModelfileFault {
  /** From 1. */
  readonly line: number;
  readonly code: FaultCode;
  readonly what: string;
  /** Of `parameter-value` what would do, and of `template` what is the matter. */
  readonly why?: string;
}

/** What is in order, and has no effect here or another one than in Ollama. */
export interface ModelfileNote {
  readonly line: number;
  readonly code: 'parameter-device' | 'parameter-sampling' | 'requires' | 'renderer';
  readonly what: string;
}

const WORDS: Readonly<Record<FaultCode, (fault: ModelfileFault) => string>> = {
  adapter: () =>
    'ADAPTER needs weights that are computed into the model: apply it before the model is published, and name the result in FROM',
  'from-file': ({ what }) => `FROM takes the name of a model, not a file (${what}): import the file first (docs/import.md)`,
  'from-missing': () => 'there is no FROM: name the model that this one is made from',
  'from-name': ({ what }) =>
    `"${what}" cannot name a model: write FROM name, FROM owner/name, or FROM name:version with the first 12 digits of a version`,
  'from-second': () => 'there is a second FROM: a model is made from one',
  'instruction-foreign': ({ what }) => `${what} belongs to a program inside of Ollama that Sill does not have`,
  'instruction-unknown': ({ what }) =>
    `"${what}" is no instruction: they are FROM, PARAMETER, TEMPLATE, SYSTEM, MESSAGE, LICENSE and REQUIRES`,
  'message-role': ({ what }) => `"${what}" is no role: MESSAGE takes system, user or assistant, and then the text`,
  'parameter-unknown': ({ what }) => `there is no parameter "${what}"`,
  'parameter-unsupported': ({ what }) => `${what} asks for a way of sampling that Sill does not have`,
  'parameter-value': ({ what, why = 'another value' }) => `${what}: expected ${why}`,
  'quote-open': ({ what }) => `the quotation mark of ${what} is not closed`,
  'requires-version': ({ what }) => `"${what}" is no version such as 0.14.0`,
  template: ({ why = '' }) => `the template is not understood: ${why}`,
  'too-long': () => 'it is longer than 256 KiB',
  'value-missing': ({ what }) => `${what} has no value`,
};

export const faultWords = (fault: ModelfileFault): string => `line ${fault.line}: ${WORDS[fault.code](fault)}`;

/** @param faults at least one */
export const modelfileRefused = (faults: readonly ModelfileFault[]): SillError =>
  new SillError('invalid_request', `This Modelfile cannot be used: ${faults.map(faultWords).join('; ')}.`, {
    details: { lines: faults.map(({ line }) => String(line)), faults: faults.map(({ code }) => code) },
  });
