/** What the page of wllama is asked for. */
export interface WllamaSetup {
  /** A GGUF file on our own origin. */
  readonly model: string;
  readonly threads: number;
  readonly context: number;
}

export interface WllamaAnswer {
  readonly ttftMs: number;
  /** From the first token to the last text, both as they arrive in the page. */
  readonly decodeMs: number;
  readonly tokens: number;
  readonly text: string;
}

export interface WllamaPage {
  load(setup: WllamaSetup): Promise<{ readonly loadMs: number }>;
  generate(prompt: string, maxTokens: number): Promise<WllamaAnswer>;
}

declare global {
  var wllama: WllamaPage | undefined;
}
