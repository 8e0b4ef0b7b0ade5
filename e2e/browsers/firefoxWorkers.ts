import type { Browser } from 'puppeteer-core';
import * as v from 'valibot';

const ACTOR = 'chrome://remote/content/shared/js-process-actors/WebDriverWorkerListenerActor.sys.mjs';

const TreeSchema = v.object({
  result: v.object({ contexts: v.pipe(v.array(v.object({ context: v.string() })), v.minLength(1)) }),
});
const EvaluatedSchema = v.object({ result: v.object({ type: v.literal('success') }) });

/** What Puppeteer uses itself, and shows to nobody. */
interface BidiConnection {
  send(method: string, params: object): Promise<unknown>;
}
const isConnection = (it: unknown): it is BidiConnection =>
  typeof it === 'object' && it !== null && typeof Reflect.get(it, 'send') === 'function';

/**
 * Ends what Firefox does for a driver alone: it listens to the debugger of every process for workers, and whoever starts a worker waits for that listener.
 * Between workers that wait does not always end (docs/decisions/0076). To be called before anything is opened; needs `--remote-allow-system-access`.
 */
export async function leaveWorkersAlone(browser: Browser): Promise<void> {
  const connection: unknown = Reflect.get(browser, 'connection');
  if (!isConnection(connection)) throw new Error('Puppeteer has no BiDi connection to Firefox');
  const tree = v.parse(TreeSchema, await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' }));
  v.parse(
    EvaluatedSchema,
    await connection.send('script.evaluate', {
      expression: `ChromeUtils.importESModule('${ACTOR}').unregisterWebDriverWorkerListenerActor()`,
      target: { context: tree.result.contexts[0]?.context },
      awaitPromise: false,
    }),
  );
}
