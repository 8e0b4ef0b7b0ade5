import { type PageContract, pageContract } from '../protocol/page.ts';
import { type Handlers, serve } from '../protocol/server.ts';

/** Lends an engine what only its page can do. */
export function lendPage(engine: Worker, powers: Handlers<PageContract>): Worker {
  const { port1: port, port2 } = new MessageChannel();
  serve(pageContract, powers, port);
  port.start();
  engine.postMessage({ type: 'sill-page' }, [port2]);
  return engine;
}
