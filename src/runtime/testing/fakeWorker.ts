import type { Endpoint } from '../../protocol/envelope.ts';
import { inferenceContract } from '../../protocol/inference.ts';
import { type Handlers, serve } from '../../protocol/server.ts';
import { createCallLine } from '../callLine.ts';

/** A `Worker` whose other side runs in this realm, in turn as the inference worker does, and can be made to die. */
export class FakeWorker extends EventTarget {
  /** Or ended by itself, as it was told. */
  terminated = false;
  private readonly inner = new EventTarget();

  constructor(handlers: Partial<Handlers<typeof inferenceContract>>) {
    super();
    const missing = async () => Promise.reject(new Error('not part of this test'));
    const line = createCallLine();
    const inTurn = <P, C extends { readonly signal: AbortSignal }, R>(handle: (params: P, call: C) => Promise<R>) => {
      return (params: P, call: C): Promise<R> => line(() => handle(params, call), call.signal);
    };
    const endpoint: Endpoint = {
      postMessage: (data) => this.deliver(this, data),
      addEventListener: (type, listener) => this.inner.addEventListener(type, (event) => listener(event as MessageEvent<unknown>)),
      removeEventListener: () => undefined,
    };
    serve(
      inferenceContract,
      {
        load: inTurn(handlers.load ?? (async () => ({ loadMs: 1, build: 'plain', device: 'wasm', threads: 1 }) as const)),
        prepare: inTurn(handlers.prepare ?? (async () => null)),
        compute: inTurn(handlers.compute ?? missing),
        generate: inTurn(handlers.generate ?? missing),
        leave:
          handlers.leave ??
          (() => {
            this.terminated = true;
            return new Promise(() => undefined);
          }),
        hold: handlers.hold ?? (async () => null),
        steps: handlers.steps ?? (() => new Promise(() => undefined)),
        memory: handlers.memory ?? (async () => ({ heapBytes: 1, gpuBytes: 0, prefixBytes: 0, totalBytes: 1 })),
        score: inTurn(handlers.score ?? missing),
        measureSinks: inTurn(handlers.measureSinks ?? missing),
        time: inTurn(handlers.time ?? missing),
        tokenize: inTurn(handlers.tokenize ?? (async () => [])),
        readAhead: handlers.readAhead ?? missing,
        beginningOf: handlers.beginningOf ?? missing,
        exportBeginning: handlers.exportBeginning ?? missing,
        restoreBeginnings: handlers.restoreBeginnings ?? missing,
        forgetBeginnings: handlers.forgetBeginnings ?? missing,
        embed: inTurn(handlers.embed ?? missing),
        transcribe: inTurn(handlers.transcribe ?? missing),
        run: inTurn(handlers.run ?? missing),
      },
      endpoint,
    );
  }

  private deliver(target: EventTarget, data: unknown): void {
    queueMicrotask(() => {
      if (!this.terminated) target.dispatchEvent(new MessageEvent('message', { data: structuredClone(data) }));
    });
  }

  postMessage(data: unknown): void {
    this.deliver(this.inner, data);
  }

  terminate(): void {
    this.terminated = true;
  }

  crash(message: string): void {
    const event = new Event('error', { cancelable: true });
    Reflect.set(event, 'message', message);
    this.dispatchEvent(event);
  }
}
