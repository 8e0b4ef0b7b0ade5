const memories: WebAssembly.Memory[] = [];

/**
 * Notes each WebAssembly memory that this realm makes from now on. ONNX Runtime makes one and keeps it to itself: neither its public API nor its
 * glue says how large it has become.
 */
export function watchWasmMemory(): void {
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, [descriptor]: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(descriptor);
      memories.push(memory);
      return memory;
    },
  });
}

/** What they take together. They never shrink. */
export const wasmMemoryBytes = (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
