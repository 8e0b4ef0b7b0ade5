/** A template that is not understood, or that could not be run over a conversation: where, and what. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
  /** Of the template's text, from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
