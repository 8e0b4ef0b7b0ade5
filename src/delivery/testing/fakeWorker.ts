/** What is used of a Worker, over a real MessageChannel. */
class FakeWorker extends EventTarget {
  terminated = false;
  readonly #channel = new MessageChannel();

  /** @param serve answers at the worker's end */
  constructor(serve: (port: MessagePort) => void) {
    super();
    const { port1, port2 } = this.#channel;
    port1.addEventListener('message', (event) => this.dispatchEvent(new MessageEvent('message', { data: event.data })));
    serve(port2);
    port1.start();
    port2.start();
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    this.#channel.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}

/** The workers of a test, in the order in which they were started. */
export class FakeWorkers {
  readonly started: FakeWorker[] = [];

  spawning(serve: (port: MessagePort) => void): () => Worker {
    return () => {
      const worker = new FakeWorker(serve);
      this.started.push(worker);
      // The rest of Worker is never touched.
      return worker as unknown as Worker;
    };
  }

  /** To be called after each test. */
  endAll(): void {
    for (const worker of this.started.splice(0)) worker.terminate();
  }
}
