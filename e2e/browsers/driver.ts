import * as v from 'valibot';
import type { Wanted } from './finder.ts';

/** What is on a page, as a person or a screen reader finds it, also inside of elements with a shadow. */
export interface Query {
  readonly role: string;
  readonly name: string | RegExp;
}

/** One tab of some browser. Everything that names what is to be seen waits for it. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
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
  picture(): Promise<Uint8Array>;
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
const LOOK_AGAIN_MS = 100;

/** Until `work` gives something. What vanishes while it is looked at is looked for again. */
export async function until<T>(what: string, work: () => Promise<T | undefined>, patienceMs = PATIENCE_MS): Promise<T> {
  const endMs = performance.now() + patienceMs;
  let last: unknown;
  while (performance.now() < endMs) {
    const found = await work().catch((reason: unknown) => {
      last = reason;
      return undefined;
    });
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error(`There is no ${what}${last instanceof Error ? `: ${last.message}` : ''}.`, { cause: last });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where something is to be pressed, once it stands still: a dialog comes in from somewhere. */
export async function steady(look: () => Promise<Point | undefined>): Promise<Point | undefined> {
  const first = await look();
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  const second = first && (await look());
  return second && first.x === second.x && first.y === second.y ? second : undefined;
}

export const described = ({ role, name }: Query): string => `${role} ${name}`;

export const wanted = ({ role, name }: Query): Wanted => ({
  role,
  name: typeof name === 'string' ? { text: name } : { pattern: name.source, flags: name.flags },
});

const ResultSchema = v.variant('kind', [
  v.object({ kind: v.literal('returned'), value: v.optional(v.unknown()) }),
  v.object({ kind: v.literal('threw'), message: v.string() }),
]);

/**
 * An expression for a promise of JSON of what a function of the page gives, to be read by `resultOf`.
 * It names no helper of a TypeScript loader, which wraps named functions in a call of its own.
 */
export const expressionOf = (work: (...args: never[]) => unknown, args: readonly unknown[]): string =>
  `Promise.resolve().then(() => ((__name) => (${work.toString()}))((it) => it)(...${JSON.stringify(args)})).then(
    (value) => JSON.stringify({ kind: 'returned', value }),
    (reason) => JSON.stringify({ kind: 'threw', message: [reason?.code, reason?.message ?? reason, JSON.stringify(reason?.details)].filter(Boolean).join(' ') }),
  )`;

export function resultOf<T>(schema: v.GenericSchema<unknown, T>, answer: unknown): T {
  const result = v.parse(v.pipe(v.string(), v.parseJson(), ResultSchema), answer);
  if (result.kind === 'threw') throw new Error(result.message);
  return v.parse(schema, result.value);
}
