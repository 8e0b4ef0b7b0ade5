import type { ParseArgsConfig } from 'node:util';
import type { Publisher } from './publisher.ts';
import type { Failure } from './publisherError.ts';

/** What a command tells: lines for people, data for `--json`. */
export interface Report {
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
  /** It was done, and what it found speaks against the model: scripts learn it from the exit code. */
  readonly failure?: Failure;
}

export interface Call {
  readonly publisher: Publisher;
  readonly positionals: readonly string[];
  /** The value of an option that takes one. */
  text(option: string): string | undefined;
  /** Whether an option without a value was given. */
  flag(option: string): boolean;
}

export interface Command {
  readonly summary: string;
  /** After the command's name, as `<folder> [--channel beta]`. */
  readonly usage: string;
  /** Option by option, as `--help` shows them. */
  readonly help: readonly (readonly [option: string, words: string])[];
  readonly examples: readonly string[];
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** How many arguments without a name it takes, at least and at most. */
  readonly takes: readonly [least: number, most: number];
  run(call: Call): Promise<Report>;
}
