import { toSillError } from '../../core/errors.ts';
import type { GenerateRequest } from '../../ports/generation.ts';
import type { KeptBeginnings } from '../inference/keptBeginnings.ts';
import type { ReadAhead } from '../inference/readAhead.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Kiosk } from './kiosk.ts';

/** Something that keeps a part of what a person at a kiosk did. Each store of such things adds one in `createEngine`. */
export interface SessionTrace {
  readonly name: string;
  /** Deletes all of it. Told again and again, also where there is nothing. */
  erase(): Promise<void>;
}

/** At a kiosk only what the operator lets every chat begin with stays for the next run: nothing of a person's. */
export async function mayKeep(kiosk: Pick<Kiosk, 'instructions'>, input: GenerateRequest['input']): Promise<boolean> {
  // Where that cannot be told, nothing is kept.
  const { locked, text } = await kiosk.instructions().catch(() => ({ locked: true, text: undefined }));
  if (!locked) return true;
  const said = input.kind === 'chat' ? input.messages.filter(({ role }) => role === 'system').map(({ content }) => content) : [];
  return text !== undefined && said.length === 1 && said[0] === text;
}

/** Longer than any step: whoever computes on for the last person is ended with their model. */
const FORGET_MS = 10_000;

/** What models remember of prompts. What the operator wants kept comes back from the device by itself. */
export const promptTrace = (
  sessions: Pick<Sessions, 'loaded' | 'forgetBeginnings'>,
  beginnings: Pick<KeptBeginnings, 'forgotten'>,
  readAhead: Pick<ReadAhead, 'forget'>,
): SessionTrace => ({
  name: 'prompts',
  async erase() {
    // What was not read to its end would be read again as soon as the models have forgotten it.
    readAhead.forget();
    await Promise.all(
      sessions.loaded().map(async ({ id, session }) => {
        await sessions.forgetBeginnings(id, FORGET_MS);
        beginnings.forgotten(session);
      }),
    );
    // An answer that was under way at their end is a conversation by now.
    readAhead.forget();
  },
});

/** All of them, whatever one fails with: the first failure is told when the others are done. @throws SillError of the first that failed */
export async function eraseTraces(traces: readonly SessionTrace[]): Promise<void> {
  const results = await Promise.allSettled(traces.map((trace) => trace.erase()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw toSillError(failed.reason);
}
