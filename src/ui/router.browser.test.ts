import { afterEach, beforeEach, expect, it } from 'vitest';
import { HashRouter } from './router.ts';

const host = { addController: () => {}, removeController: () => {}, requestUpdate: () => {}, updateComplete: Promise.resolve(true) };
let router: HashRouter;

beforeEach(() => {
  history.replaceState(null, '', '#');
  router = new HashRouter(host, () => {});
  router.hostConnected();
});
afterEach(() => router.hostDisconnected());

it('lands where the app decides when the address names no view', () => {
  router.land('models');
  expect([router.current, location.hash]).toEqual(['models', '#/models']);
});

it('lands where a link led that was followed just before', async () => {
  const changed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  location.hash = '#/write';
  router.land('models');
  await changed;
  expect([router.current, location.hash]).toEqual(['write', '#/write']);
});
