import { expect, it } from 'vitest';
import { MAIN_ROUTES, mainRoute, parseRoute, ROUTES, routeHref, routeParams } from './routes.ts';

it('finds every view by its address, with and without what it is to show', () => {
  for (const route of ROUTES) {
    expect(parseRoute(routeHref(route))).toBe(route);
    expect(parseRoute(routeHref(route, { model: 'owner/name' }))).toBe(route);
  }
});

it('finds no view for an address that only begins like one', () => {
  for (const hash of ['', '#', '#/', '#/model', '#/modelsx', '#/models/x', 'models', '#models']) expect(parseRoute(hash)).toBeUndefined();
});

it('carries what a view is to show through the address, whatever the characters', () => {
  const model = 'owner/a&b=c?d e';
  expect(routeParams(routeHref('versions', { model })).get('model')).toBe(model);
  expect([...routeParams('#/versions')]).toEqual([]);
});

it('leads to every view from the main navigation, at most one step further', () => {
  for (const route of ROUTES) expect(MAIN_ROUTES).toContain(mainRoute(route));
  expect(MAIN_ROUTES).toEqual(['chat', 'write', 'search', 'transcribe', 'run', 'models', 'device']);
});
