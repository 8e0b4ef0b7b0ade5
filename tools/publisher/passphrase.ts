import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { PublisherError } from './publisherError.ts';

export const PASSPHRASE_VARIABLE = 'SILL_KEY_PASSPHRASE';

/** Gives the passphrase of the keys; asks at most once. */
export type AskPassphrase = (question: string) => Promise<string>;

/** From the environment, or else from the person at the terminal. @throws PublisherError `keys` where there is neither */
export function askPassphrase(): AskPassphrase {
  let answer: Promise<string> | undefined;
  return (question) => {
    answer ??= fromEnvironment() ?? fromTerminal(question);
    return answer;
  };
}

function fromEnvironment(): Promise<string> | undefined {
  const passphrase = process.env[PASSPHRASE_VARIABLE];
  return passphrase ? Promise.resolve(passphrase) : undefined;
}

async function fromTerminal(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new PublisherError('keys', `The keys need a passphrase and there is no terminal to ask at: set ${PASSPHRASE_VARIABLE}.`);
  }
  process.stderr.write(`${question}: `);
  // Nowhere, so that what is typed is not seen.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const typed = await lines.question('').finally(() => lines.close());
  process.stderr.write('\n');
  if (typed) return typed;
  throw new PublisherError('keys', 'An empty passphrase protects nothing.');
}
