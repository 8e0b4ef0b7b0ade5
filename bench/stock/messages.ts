/** What page and worker of the stock peer say to each other. */
export interface StockSetup {
  /** Folder of the model on our own origin, as it would be a name on the hub. */
  readonly model: string;
  /** The runtime's build: '.asyncify' is transformers.js's own choice, '' is the plain one. */
  readonly build: '.asyncify' | '.jspi' | '';
  readonly threads: number;
  readonly dtype: 'int8' | 'q4';
  /** Its own choice is the processor. */
  readonly device?: 'webgpu';
}

export type ToWorker =
  | { readonly type: 'load'; readonly setup: StockSetup }
  | { readonly type: 'generate'; readonly prompt: string; readonly maxTokens: number };

export type FromWorker =
  | { readonly type: 'ready'; readonly pipelineMs: number }
  | { readonly type: 'first' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'done'; readonly tokens: number }
  | { readonly type: 'failed'; readonly message: string };

export interface StockPage {
  /** A new worker and the model in it. `pipelineMs` leaves out the worker's own start. */
  load(setup: StockSetup): Promise<{ readonly loadMs: number; readonly pipelineMs: number }>;
  /** `decodeMs` runs from the first token to the last text, both as they arrive in the page. */
  generate(
    prompt: string,
    maxTokens: number,
  ): Promise<{ readonly ttftMs: number; readonly decodeMs: number; readonly tokens: number; readonly text: string }>;
}

declare global {
  var stock: StockPage | undefined;
}
