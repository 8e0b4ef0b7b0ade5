import type { MethodName } from './contract.ts';
import type { EngineContract } from './engine.ts';

/** A path of the HTTP API, and the methods of the contract that it may ask in turn: whoever may not ask these has no use for it. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the app. A `*` at the end stands for anything but nothing. */
  readonly path: string;
  readonly asks: readonly MethodName<EngineContract>[];
}

export const HTTP_ROUTES = [
  { method: 'GET', path: 'v1/models', asks: ['models.list'] },
  { method: 'GET', path: 'v1/models/*', asks: ['models.list'] },
] as const satisfies readonly HttpRoute[];

export type HttpRouteName = `${(typeof HTTP_ROUTES)[number]['method']} ${(typeof HTTP_ROUTES)[number]['path']}`;
