import type { Suite } from './suite.ts';

/** What every store of settings does. */
export function settingsContract({ test, equal }: Suite): void {
  test('settings come back as they were set and are copies', async ({ settings }) => {
    const value = { threads: 2, list: [1, undefined] };
    await settings.set('runtime', value);
    value.threads = 3;
    equal(await settings.get('runtime'), { threads: 2, list: [1, undefined] });
    await settings.set('runtime', 'other');
    equal(await settings.get('runtime'), 'other');
    await settings.delete('runtime');
    equal(await settings.get('runtime'), undefined);
  });
}
