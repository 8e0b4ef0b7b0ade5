import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { findChromium } from '../../scripts/chromium.mjs';
import { INTERFACE_FEATURES } from '../../scripts/chromiumFeatures.mjs';

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--remote-debugging-pipe',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  // Else the browser's own user interface loads pages in the background while the peers are measured.
  `--disable-features=${INTERFACE_FEATURES.join(',')}`,
];
const CLOSE_GRACE_MS = 5_000;

const ReplySchema = v.object({
  id: v.optional(v.number()),
  method: v.optional(v.string()),
  params: v.optional(v.unknown()),
  result: v.optional(v.unknown()),
  error: v.optional(v.object({ message: v.string() })),
});
const EvaluationSchema = v.object({
  result: v.looseObject({ value: v.optional(v.unknown()) }),
  exceptionDetails: v.optional(
    v.looseObject({ text: v.string(), exception: v.optional(v.looseObject({ description: v.optional(v.string()) })) }),
  ),
});

/**
 * A Chromium of its own process tree over the DevTools protocol's pipe. Not through Playwright: that attaches a debugger to each worker
 * which a page starts and holds it until it has answered, and so would slow the one peer whose worker the page starts itself.
 */
export class Browser {
  #next = 0;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(reason: Error): void }>();
  readonly #listeners = new Map<string, (params: unknown) => void>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly input: Writable,
    output: Readable,
  ) {
    let text = '';
    output.setEncoding('utf8').on('data', (piece: string) => {
      const messages = (text + piece).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#receive(message);
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium ended'));
    });
  }

  static launch(profile: string, flags: readonly string[] = []): Browser {
    const path = findChromium();
    if (path === undefined) throw new Error('There is no Chromium. Install one or set CHROMIUM_PATH.');
    const child = spawn(path, [...FLAGS, ...flags, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    return new Browser(child, child.stdio[3] as Writable, child.stdio[4] as Readable);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    });
  }

  /** Hears one kind of event; a second listener replaces the first. */
  on(method: string, listener: (params: unknown) => void): void {
    this.#listeners.set(method, listener);
  }

  /** A new tab, once its `load` event has fired. */
  async open(url: string): Promise<Page> {
    const { targetId } = v.parse(v.object({ targetId: v.string() }), await this.send('Target.createTarget', { url: 'about:blank' }));
    const attached = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const { sessionId } = v.parse(v.object({ sessionId: v.string() }), attached);
    await this.send('Page.enable', {}, sessionId);
    const loaded = new Promise<void>((resolve) => this.on('Page.loadEventFired', () => resolve()));
    await this.send('Page.navigate', { url }, sessionId);
    await loaded;
    return new Page(this, sessionId);
  }

  async version(): Promise<string> {
    return v.parse(v.object({ product: v.string() }), await this.send('Browser.getVersion')).product;
  }

  /** Ends the browser; a profile is safe to open again afterwards. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), CLOSE_GRACE_MS);
    this.send('Browser.close').catch(() => undefined);
    await gone;
    clearTimeout(timer);
  }

  #receive(message: string): void {
    const { id, method, params, result, error } = v.parse(ReplySchema, JSON.parse(message));
    if (method !== undefined) this.#listeners.get(method)?.(params);
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}

export class Page {
  constructor(
    private readonly browser: Browser,
    private readonly sessionId: string,
  ) {}

  /** Runs a self-contained function in the page and parses what it returns. */
  async run<A extends readonly unknown[], T>(
    schema: v.GenericSchema<unknown, T>,
    work: (...args: A) => Promise<unknown>,
    ...args: A
  ): Promise<T> {
    // The TypeScript loader wraps named functions in a call of its own helper, which the page lacks.
    const expression = `{ const __name = (it) => it; (${work.toString()})(...${JSON.stringify(args)}) }`;
    const reply = await this.browser.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, this.sessionId);
    const { result, exceptionDetails } = v.parse(EvaluationSchema, reply);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return v.parse(schema, result.value);
  }

  /** Puts files into a new input of the page, as a person's choice would: they are read where they lie. @returns the input's id */
  async choose(paths: readonly string[]): Promise<string> {
    const id = 'chosen-files';
    const expression = `document.body.append(Object.assign(document.createElement('input'), { type: 'file', multiple: true, hidden: true, id: '${id}' })); document.getElementById('${id}')`;
    const reply = await this.browser.send('Runtime.evaluate', { expression }, this.sessionId);
    const { objectId } = v.parse(v.object({ result: v.looseObject({ objectId: v.string() }) }), reply).result;
    await this.browser.send('DOM.setFileInputFiles', { files: [...paths], objectId }, this.sessionId);
    return id;
  }
}
