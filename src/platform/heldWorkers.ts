/**
 * From now on this realm holds each worker that it starts until it ends it. Firefox 153 may collect a worker that has nothing to do and that only its own listeners refer to,
 * although a message is on its way to it: whoever waits for its answer waits for good (docs/decisions/0076). The threads of ONNX Runtime are such workers while they start.
 * To be called before the first worker is started.
 */
export function holdWorkers(): void {
  const held = new Set<Worker>();
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      held.add(this);
    }

    override terminate(): void {
      held.delete(this);
      super.terminate();
    }
  };
}
