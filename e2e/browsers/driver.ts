import type * as v from 'valibot';

/** What is on a page, as a person or a screen reader finds it, also inside of elements with a shadow. */
export interface Query {
  readonly role: string;
  readonly name: string | RegExp;
}

/** One tab of some browser. Everything that names what is to be seen waits for it. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  address(): Promise<string>;
  /** Runs a self-contained function in the page and parses what it returns. Rejects with its message. */
  run<A extends readonly unknown[], T>(schema: v.GenericSchema<unknown, T>, work: (...args: A) => unknown, ...args: A): Promise<T>;
  /** @param pattern of its text */
  see(what: Query, pattern?: RegExp): Promise<void>;
  click(what: Query): Promise<void>;
  fill(what: Query, text: string): Promise<void>;
  /** Chooses a file in an input that the page hides behind a button. @param host the element whose shadow has it */
  choose(host: string, path: string): Promise<void>;
  resize(size: Size): Promise<void>;
  /** A PNG of what is seen. */
  picture(): Promise<Buffer>;
  close(): Promise<void>;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const DESK: Size = { width: 1280, height: 800 };
export const PHONE: Size = { width: 390, height: 844 };

/** A browser that runs. */
export interface Running {
  readonly version: string;
  /** What the console was told as warning or error, and what nobody caught, in order. */
  readonly faults: string[];
  first(): Promise<Tab>;
  open(): Promise<Tab>;
  close(): Promise<void>;
}

export interface Driver {
  readonly name: 'Chromium' | 'Firefox' | 'WebKit';
  /** @param profile a folder for what the browser keeps; without it a private window, whose storage ends with it */
  launch(profile: string | undefined): Promise<Running>;
}

/** Of what a test waits for: some steps install or make a model. */
export const PATIENCE_MS = 120_000;

/** As a source text that names no helper of a TypeScript loader, which wraps named functions in a call of its own. */
export const sourceOf = (work: (...args: never[]) => unknown): string => `((__name) => (${work.toString()}))((it) => it)`;

export const matches = (pattern: string | RegExp, text: string): boolean =>
  typeof pattern === 'string' ? pattern === text : pattern.test(text);
