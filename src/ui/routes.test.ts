import { expect, it } from 'vitest';
import { MAIN_ROUTES, MANAGE_ROUTES, parseRoute, ROUTES, routeHref, routeParams } from './routes.ts';

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

it('has every view in one of the two groups of the navigation', () => {
  expect([...MAIN_ROUTES, ...MANAGE_ROUTES].sort()).toEqual([...ROUTES].sort());
  expect(MAIN_ROUTES).not.toContain('overview');
});
