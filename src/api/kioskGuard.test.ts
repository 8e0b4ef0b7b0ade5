import { expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import { METHOD_NEEDS } from './guestGuard.ts';
import { isOpenInKiosk, lockable } from './kioskGuard.ts';

it('a locked device answers its people, and refuses everything that it does not know to be harmless', async () => {
  const handlers = Object.fromEntries(Object.keys(METHOD_NEEDS).map((name) => [name, async () => name]));
  let locked = true;
  const asked: unknown[] = [];
  const kiosk = {
    assertOpen: async (by: unknown) => {
      asked.push(by);
      if (locked) throw new SillError('forbidden', 'locked');
    },
  };
  const guarded = lockable(handlers, async () => kiosk as never);
  const answered = async (name: string) => (await guarded[name]?.().catch(({ code }: SillError) => code)) === name;
  for (const name of ['chat.completions.create', 'documents.search', 'models.list', 'kiosk.unlock'])
    expect(await answered(name)).toBe(true);
  for (const [name, { right }] of Object.entries(METHOD_NEEDS)) {
    if (!isOpenInKiosk(name)) expect(await answered(name), name).toBe(false);
    if (right === 'install' && name !== 'models.load') expect(await answered(name), name).toBe(false);
  }
  for (const name of ['models.remove', 'models.import', 'storage.erase', 'data.export', 'trust.accept', 'updates.setPolicy'])
    expect(await answered(name), name).toBe(false);
  locked = false;
  expect(await answered('models.remove')).toBe(true);
  // The log is read with each line that comes to it: that is no work of the staff's.
  asked.length = 0;
  for (const name of ['log.list', 'log.clear']) expect(await answered(name)).toBe(true);
  expect(asked).toEqual(['page', 'person']);
});
