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
    answer ??= fromEnvironment(PASSPHRASE_VARIABLE) ?? fromTerminal(question, 'keys', PASSPHRASE_VARIABLE);
    return answer;
  };
}

export const PIN_VARIABLE = 'SILL_KIOSK_PIN';

/** As `askPassphrase`, for the PIN of a kiosk. @throws PublisherError `usage` where there is neither */
export const askPin = async (question: string): Promise<string> =>
  (await fromEnvironment(PIN_VARIABLE)) ?? fromTerminal(question, 'usage', PIN_VARIABLE);

function fromEnvironment(variable: string): Promise<string> | undefined {
  const secret = process.env[variable];
  return secret ? Promise.resolve(secret) : undefined;
}

async function fromTerminal(question: string, failure: 'keys' | 'usage', variable: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new PublisherError(failure, `${question}: there is no terminal to ask at. Set ${variable}.`);
  }
  process.stderr.write(`${question}: `);
  // Nowhere, so that what is typed is not seen.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const typed = await lines.question('').finally(() => lines.close());
  process.stderr.write('\n');
  if (typed) return typed;
  throw new PublisherError(failure, 'An empty one protects nothing.');
}
