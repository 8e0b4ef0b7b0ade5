import { json } from './reply.ts';
import type { Route } from './route.ts';

/** `GET metrics`, as Prometheus takes it. */
export const metrics: Route = async (_, { ask, signal }) => ({
  headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  body: await ask('metrics', {}, { signal }),
});

/** `GET healthz`: 503 where something is wrong, as a probe wants it. A model that is not loaded is no fault. */
export const healthz: Route = async (_, { ask, signal }) => {
  const health = await ask('health', {}, { signal });
  return json(health, health.status === 'degraded' ? 503 : 200);
};
