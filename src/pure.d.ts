// The few globals that every environment (page, worker, Node) shares and that lib es2023 lacks.
// core/ and forge/ compile against these alone, so that `document`, `fetch`, `crypto` or `process`
// there is a compile error.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}
declare var TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };

interface MessagePort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  close(): void;
}
declare var MessageChannel: { new (): { readonly port1: MessagePort; readonly port2: MessagePort } };
