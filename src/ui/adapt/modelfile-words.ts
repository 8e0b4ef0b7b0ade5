import { msg, str } from '@lit/localize';
import type { FaultCode, ModelfileFault, ModelfileNote } from '../../core/modelfile/faults.ts';

/** What is to be put right in a line, by the code of its fault. */
const FAULTS: Readonly<Record<FaultCode, (fault: ModelfileFault) => string>> = {
  adapter: () => msg('ADAPTER cannot be used: its weights have to be computed into a model before that is published.'),
  'from-file': () => msg('FROM takes the name of a model, not a file.'),
  'from-missing': () => msg('FROM is missing: name the model that this one is made from.'),
  'from-name': ({ what }) => msg(str`“${what}” names no model. A name may be followed by @ and the first 12 digits of a version.`),
  'from-second': () => msg('There is a second FROM: a model is made from one.'),
  'instruction-foreign': ({ what }) => msg(str`${what} belongs to a program that is not part of Sill.`),
  'instruction-unknown': ({ what }) =>
    msg(str`“${what}” is no instruction. There are FROM, PARAMETER, TEMPLATE, SYSTEM, MESSAGE, LICENSE and REQUIRES.`),
  'message-role': ({ what }) => msg(str`“${what}” is no role: MESSAGE takes system, user or assistant, and then the text.`),
  'parameter-unknown': ({ what }) => msg(str`There is no parameter “${what}”.`),
  'parameter-unsupported': ({ what }) => msg(str`${what} asks for a way of choosing words that Sill does not have.`),
  'parameter-value': ({ what, why = '' }) => msg(str`“${what}” does not fit (${why}).`),
  'quote-open': ({ what }) => msg(str`The quotation mark of ${what} is not closed.`),
  'requires-version': ({ what }) => msg(str`“${what}” is no version such as 0.14.0.`),
  template: ({ why = '' }) => msg(str`The template is not understood: ${why}.`),
  'too-long': () => msg('It is longer than 256 KiB.'),
  'value-missing': ({ what }) => msg(str`${what} has no value.`),
};

const NOTES: Readonly<Record<ModelfileNote['code'], (note: ModelfileNote) => string>> = {
  'parameter-device': ({ what }) => msg(str`${what} has no effect: this device decides it.`),
  'parameter-sampling': ({ what }) => msg(str`${what} has no effect: penalties look at the whole text here.`),
  renderer: ({ what }) => msg(str`${what} has no effect: the template says how the model is spoken to.`),
  requires: () => msg('REQUIRES names a version of Ollama, and has no effect.'),
};

export const faultWords = (fault: ModelfileFault): string => FAULTS[fault.code](fault);
export const noteWords = (note: ModelfileNote): string => NOTES[note.code](note);
