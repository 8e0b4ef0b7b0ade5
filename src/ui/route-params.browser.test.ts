import type { ReactiveController } from 'lit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RouteParams } from './route-params.ts';

const controllers: ReactiveController[] = [];
const host = {
  addController: (controller: ReactiveController) => void controllers.push(controller),
  removeController: () => {},
  requestUpdate: () => {},
  updateComplete: Promise.resolve(true),
};
const make = (): RouteParams => {
  const params = new RouteParams(host, 'log');
  params.hostConnected();
  return params;
};
/** Resolves once the address has changed and everybody was told. */
const after = async (change: () => void): Promise<void> => {
  const changed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  change();
  await changed;
};

beforeEach(() => {
  // By its own address: what the last test left is not asked for.
  history.replaceState({ sill: 'whole' }, '', '#/log');
});
afterEach(() => {
  for (const controller of controllers.splice(0)) controller.hostDisconnected?.();
});

it('what was opened is closed by the way back, and opened again by the way forth', async () => {
  const params = make();
  params.set({ words: 'disk' });
  params.open({ event: '5' });
  expect(location.hash).toBe('#/log?words=disk&event=5');
  await after(() => history.back());
  expect([params.get('words'), params.get('event')]).toEqual(['disk', undefined]);
  await after(() => history.forward());
  expect(params.get('event')).toBe('5');
});

it('a way back to a plain address asks for just that', async () => {
  const params = make();
  params.open({ event: '5' });
  await after(() => history.back());
  expect(params.get('event')).toBeUndefined();
  expect(location.hash).toBe('#/log');
});

it('a link to the plain address of a view finds it as it was, and the address says so', async () => {
  const params = make();
  params.set({ words: 'disk' });
  await after(() => {
    location.hash = '#/models';
  });
  await after(() => {
    location.hash = '#/log';
  });
  expect(params.get('words')).toBe('disk');
  expect(location.hash).toBe('#/log?words=disk');
});

it('elements of one view never write over what another of them chose', () => {
  const [table, chart] = [make(), make()];
  table.set({ words: 'disk' });
  chart.set({ figure: 'tg' });
  expect(location.hash).toBe('#/log?words=disk&figure=tg');
  expect(table.get('figure')).toBe('tg');
});

it('a view in the back leaves the address to the one in front', async () => {
  const params = make();
  await after(() => {
    location.hash = '#/models';
  });
  params.set({ words: 'late' });
  expect(location.hash).toBe('#/models');
});
