import type { MemoryUse } from '../ports/runtime.ts';

const heaps: WebAssembly.Memory[] = [];

/** The heap that has this buffer, where this realm watches. */
export const heapWith = (buffer: ArrayBufferLike): WebAssembly.Memory | undefined => heaps.find((heap) => heap.buffer === buffer);

/**
 * Counts what the runtime of this realm takes. It tells of neither its heap nor its buffers, and a browser tells of a worker's memory nowhere, so
 * the constructors are watched by which it gets them. To be called before a runtime starts.
 * @returns what is taken now; `prefixBytes` is known to whoever holds the model
 */
export function watchMemory(): (prefixBytes: number) => MemoryUse {
  WebAssembly.Memory = class extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      heaps.push(this);
    }
  };
  const gpu = watchBuffers();
  return (prefixBytes) => {
    const heapBytes = heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    const gpuBytes = gpu();
    // What is kept on the graphics processor is among its buffers already.
    return { heapBytes, gpuBytes, prefixBytes, totalBytes: heapBytes + gpuBytes + (gpuBytes > 0 ? 0 : prefixBytes) };
  };
}

/** Bytes of the buffers that are not destroyed. One that is dropped without that is counted until the worker ends. */
function watchBuffers(): () => number {
  if (typeof GPUDevice === 'undefined') return () => 0;
  let bytes = 0;
  const alive = new WeakSet<GPUBuffer>();
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    alive.add(buffer);
    bytes += buffer.size;
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    if (alive.delete(this)) bytes -= this.size;
    return destroy.call(this);
  };
  return () => bytes;
}
