import { beginningName } from '../core/derived.ts';
import type { Digest } from '../core/ids.ts';
import type { Digests } from '../ports/delivery.ts';
import type { KeptBeginning } from '../ports/runtime.ts';
import { importBeginning } from './keptBeginnings.ts';
import type { TextModel } from './textModel.ts';

/**
 * What earlier runs evaluated, in memory before anybody asks. It is stored without its tokens and without its salt, and so it is not known whose it is until a
 * prompt comes whose beginning has its key: one digest for each length that is here, and no template is rendered for it.
 */
export interface SealedBeginnings {
  /** @returns keys of those that this model has no use for */
  add(model: Pick<TextModel['model'], 'adopt' | 'tokenBytes'>, kept: readonly KeptBeginning[], ground: string): Digest[];
  /** Moves those that a prompt begins with to where prefills look. */
  open(text: TextModel, prompt: readonly number[], salt: string): Promise<void>;
  clear(): void;
  readonly sizeBytes: number;
}

export function createSealedBeginnings({ sha256 }: Digests): SealedBeginnings {
  const sealed = new Map<Digest, KeptBeginning & { readonly ground: string }>();
  return {
    add({ adopt, tokenBytes }, kept, ground) {
      const fits = ({ tokens, bytes }: KeptBeginning) => adopt !== undefined && bytes.byteLength === tokens * tokenBytes;
      for (const each of kept) if (fits(each)) sealed.set(each.key, { ...each, ground });
      return kept.filter((each) => !fits(each)).map(({ key }) => key);
    },
    async open(text, prompt, salt) {
      const names = new Set([...sealed.values()].flatMap(({ ground, tokens }) => nameOf(ground, salt, prompt, tokens)));
      for (const name of names) {
        const key = await sha256(new TextEncoder().encode(name));
        const found = sealed.get(key);
        if (!found) continue;
        sealed.delete(key);
        importBeginning(text, prompt.slice(0, found.tokens), salt, found.bytes);
      }
    },
    clear: () => sealed.clear(),
    get sizeBytes() {
      return [...sealed.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    },
  };
}

const nameOf = (ground: string, salt: string, prompt: readonly number[], tokens: number): string[] =>
  tokens <= prompt.length ? [beginningName(ground, salt, prompt.slice(0, tokens))] : [];
