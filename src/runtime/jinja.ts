import { Environment, Interpreter, Template } from '@huggingface/jinja';

/** For longer no template of a model works on a conversation: they come with files of anybody's, and some may be written to hang. */
const MOST_MS = 5000;
/** Of what any part of a template comes to. No model here reads a tenth of it. */
const MAX_LENGTH = 4_000_000;
/** Of a list with all that is in it. */
const MAX_ITEMS = 1_000_000;
/** A loop over as many takes half a second before its first turn, and nobody can end it until then. */
const MAX_RANGE = 100_000;

type Evaluate = Interpreter['evaluate'];
type Value = ReturnType<Evaluate>;

/** Ends what does not end by itself, and what becomes too large to hold. */
class BoundedInterpreter extends Interpreter {
  readonly #endMs: number;
  readonly #items = new WeakMap<Value, number>();

  constructor(environment: Environment, mostMs: number) {
    super(environment);
    this.#endMs = performance.now() + mostMs;
  }

  /** All that a template does goes through here, loops and macros too. */
  override evaluate(...given: Parameters<Evaluate>): Value {
    if (performance.now() > this.#endMs) throw new Error('the template does not come to an end');
    const made = super.evaluate(...given);
    const value: unknown = made.value;
    if (typeof value === 'string' && value.length > MAX_LENGTH) throw new Error('the text becomes endless');
    if (this.#itemsOf(made, value) > MAX_ITEMS) throw new Error('a list becomes endless');
    return made;
  }

  /** How much would be written of it, which for lists in lists is more than there is of them: `[x, x]` of itself doubles. */
  #itemsOf(made: Value, value: unknown): number {
    const parts = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : undefined;
    if (!parts) return 1;
    const known = this.#items.get(made) ?? parts.reduce<number>((sum, part: Value) => sum + (this.#items.get(part) ?? 1), 1);
    this.#items.set(made, known);
    return known;
  }
}

/** As Python's. */
function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw new Error('range() step must not be zero');
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= MAX_RANGE)) throw new Error('a list becomes endless');
  return Array.from({ length: count }, (_, index) => from + index * step);
}

/** Only the engine's own templates reach it. */
const clock = new Template('{{ strftime_now(pattern) }}');

/** What the engine's own `render` defines, but for lists without an end. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, none: null },
  ...{ True: true, False: false, None: null },
  raise_exception(reason: string): never {
    throw new Error(reason);
  },
  range,
  strftime_now: (pattern: string) => clock.render({ pattern }),
};

/**
 * What a template in Jinja makes of its variables, in bounded time and memory.
 * @throws Error in the words of the template, or of its engine
 */
export function renderJinja({ parsed }: Template, variables: Readonly<Record<string, unknown>>, mostMs = MOST_MS): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) environment.set(name, value);
  return String(new BoundedInterpreter(environment, mostMs).run(parsed).value);
}
