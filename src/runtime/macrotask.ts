/** Longest time that a busy loop keeps messages, such as an abort, waiting. */
const MESSAGE_LATENCY_MS = 30;

/**
 * A pause for loops whose awaits are all microtasks (ONNX Runtime on the CPU): now and then it lets one macrotask
 * through, so that an abort can arrive. A message to oneself has no clamp, as `setTimeout` has. Loops that run
 * beside each other pause together: none of them may keep the thread from the others' macrotask.
 */
export function createBreather(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let pause: Promise<void> | undefined;
  return async () => {
    if (performance.now() - last < MESSAGE_LATENCY_MS) return;
    pause ??= new Promise<void>((resolve) => {
      port1.onmessage = () => {
        last = performance.now();
        pause = undefined;
        resolve();
      };
      port2.postMessage(undefined);
    });
    await pause;
  };
}
