import { expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { type LogNote, logLine } from '../core/log.ts';
import { logged } from './logged.ts';

const PROMPT = 'My secret is a zwieback';

async function noted(reason: unknown, params: unknown, guest?: string): Promise<LogNote[]> {
  const notes: LogNote[] = [];
  const handlers = logged(
    { 'completions.create': async (_: unknown, _call: unknown) => Promise.reject(reason) },
    guest,
    async () => (note) => void notes.push(note),
  );
  await expect(handlers['completions.create'](params, {})).rejects.toBe(reason);
  await Promise.resolve();
  return notes;
}

test('an error that was told to a client is noted by method, model and code, and not in words that quote the prompt', async () => {
  const reason = new SillError('invalid_request', `Cannot read "${PROMPT}".`, { details: { prompt: PROMPT, near: 'zwieback' } });
  const notes = await noted(reason, { model: 'tiny', prompt: PROMPT });
  expect(notes).toEqual([{ code: 'request-failed', model: 'tiny', details: { method: 'completions.create', error: 'invalid_request' } }]);
  // A prompt in place of a name.
  const [odd] = await noted(reason, { model: PROMPT });
  expect(JSON.stringify(odd && logLine(odd, 0))).not.toContain('zwieback');
});

test('a refused guest is noted by its origin; what somebody cancelled is not noted', async () => {
  const forbidden = new SillError('forbidden', 'No.');
  expect(await noted(forbidden, { model: 'tiny' }, 'https://guest.test')).toMatchObject([
    { code: 'guest-refused', details: { guest: 'https://guest.test', error: 'forbidden' } },
  ]);
  expect(await noted(new SillError('aborted', 'Stopped.'), { model: 'tiny' })).toEqual([]);
});

test('what a lock refuses is not noted: whoever stands before the device could push out all else', async () => {
  const refused = (reason: string) => new SillError('forbidden', 'No.', { details: { reason } });
  expect(await noted(refused('locked'), {})).toEqual([]);
  // A PIN that is tried is worth knowing.
  expect(await noted(refused('wrong-pin'), {})).toMatchObject([{ code: 'request-failed', details: { error: 'forbidden' } }]);
});
