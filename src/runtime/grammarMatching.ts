import { SillError } from '../core/errors.ts';
import { byteOfLetter } from '../core/tokenBytes.ts';
import { NARROW_LEADS, secondByte } from '../core/utf8.ts';
import type { Allowed } from '../protocol/grammar.ts';

/** What is used of `@mlc-ai/web-xgrammar`. */
export type XGrammar = Pick<typeof import('@mlc-ai/web-xgrammar'), 'TokenizerInfo' | 'GrammarCompiler' | 'GrammarMatcher'>;
type CompiledGrammar = import('@mlc-ai/web-xgrammar').CompiledGrammar;
type GrammarMatcher = import('@mlc-ai/web-xgrammar').GrammarMatcher;

export interface VocabularySetup {
  /** Bytes of each token in GPT-2's alphabet, '' for one that no text has. */
  readonly tokens: readonly string[];
  readonly stopTokenIds: readonly number[];
}

export interface Matching {
  /** @throws SillError `invalid_request` when the tokens that it begins with do not fit */
  start(grammar: string, tokenIds: readonly number[]): Promise<{ readonly matcher: number; readonly allowed: Allowed }>;
  accept(matcher: number, tokenIds: readonly number[]): Promise<Allowed>;
  end(matcher: number): void;
}

/** A compiled grammar takes some MB with 32,000 tokens; the tools and schemas of an application are few. */
const KEPT_GRAMMARS = 8;

/** xgrammar over one vocabulary: each tokenizer info costs memory that never comes back, so there is one. */
export async function createMatching(xgrammar: XGrammar, { tokens, stopTokenIds }: VocabularySetup): Promise<Matching> {
  const { TokenizerInfo, GrammarCompiler, GrammarMatcher } = xgrammar;
  const info = await TokenizerInfo.createTokenizerInfo([...tokens], 'byte_level', false, tokens.length, [...stopTokenIds]);
  // Its own cache has no bound.
  const compiler = await GrammarCompiler.createGrammarCompiler(info, false);
  const compiled = new Map<string, Promise<CompiledGrammar>>();
  const matchers = new Map<number, { readonly matcher: GrammarMatcher; last: number | undefined }>();
  const utf8 = createUtf8Masks(tokens);
  const stops = new Set(stopTokenIds);
  let nextId = 1;

  const compile = (grammar: string): Promise<CompiledGrammar> => {
    const known = compiled.get(grammar);
    compiled.delete(grammar);
    const made = known ?? compiler.compileGrammar(grammar);
    compiled.set(grammar, made);
    made.catch(() => compiled.delete(grammar));
    const [oldest] = compiled.keys();
    if (compiled.size > KEPT_GRAMMARS && oldest !== undefined) {
      // A matcher holds what it needs of its grammar by itself.
      void compiled.get(oldest)?.then((old) => old.dispose());
      compiled.delete(oldest);
    }
    return made;
  };

  const allowedFor = async (matcher: GrammarMatcher, last: number | undefined): Promise<Allowed> => {
    const mask = await matcher.getNextTokenBitmask();
    if (last !== undefined) utf8.narrow(mask, last);
    return { mask, isComplete: isOnly(mask, stops) };
  };

  const advance = (matcher: GrammarMatcher, tokenIds: readonly number[]): void => {
    for (const id of tokenIds) {
      if (matcher.acceptToken(id)) continue;
      throw new SillError('invalid_request', `An answer that is held to a form cannot go on with token ${id}.`, { details: { token: id } });
    }
  };

  return {
    async start(grammar, tokenIds) {
      const matcher = await GrammarMatcher.createGrammarMatcher(await compile(grammar));
      const id = nextId++;
      try {
        advance(matcher, tokenIds);
        const last = tokenIds.at(-1);
        matchers.set(id, { matcher, last });
        return { matcher: id, allowed: await allowedFor(matcher, last) };
      } catch (reason) {
        matcher.dispose();
        matchers.delete(id);
        throw reason;
      }
    },
    async accept(id, tokenIds) {
      const held = matchers.get(id);
      if (!held) throw new SillError('internal', `There is no matcher ${id}.`);
      advance(held.matcher, tokenIds);
      held.last = tokenIds.at(-1) ?? held.last;
      return allowedFor(held.matcher, held.last);
    },
    end(id) {
      matchers.get(id)?.matcher.dispose();
      matchers.delete(id);
    },
  };
}

/** Whether none but these is allowed. */
function isOnly(mask: Int32Array, ids: ReadonlySet<number>): boolean {
  for (let i = 0; i < mask.length; i++) {
    let bits = mask[i] ?? 0;
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits & -bits);
      if (!ids.has(i * 32 + bit)) return false;
      bits &= bits - 1;
    }
  }
  return true;
}

/**
 * xgrammar counts the bytes of a character and does not look at them, so that overlong forms and surrogates pass, which no text has. Tokens
 * that are malformed in themselves have been left out of the vocabulary; here are those that would be malformed behind another.
 */
function createUtf8Masks(tokens: readonly string[]): { narrow(mask: Int32Array, last: number): void } {
  const firstBytes = tokens.map((letters) => byteOfLetter(letters.charAt(0)) ?? 0);
  /** By the lead byte at the end of the last token: tokens that must not follow. */
  const forbidden = new Map<number, readonly number[]>(
    NARROW_LEADS.map((lead) => {
      const [low, high] = secondByte(lead);
      const isOut = (byte: number) => byte >= 0x80 && byte <= 0xbf && (byte < low || byte > high);
      return [lead, firstBytes.flatMap((byte, id) => (isOut(byte) ? [id] : []))];
    }),
  );
  return {
    narrow(mask, last) {
      const lead = byteOfLetter(tokens[last]?.at(-1) ?? '') ?? 0;
      for (const id of forbidden.get(lead) ?? []) mask[id >> 5] = (mask[id >> 5] ?? 0) & ~(1 << (id & 31));
    },
  };
}
