import type { Digest, RevisionId } from './ids.ts';

/** Something that was computed from a revision and can be computed again: kept to save time, and the first to go. */
export interface Derived {
  /** Names what it is, of what, and everything that it would be another with. */
  readonly key: string;
  /** What made it, as `prompt-beginning`. */
  readonly recipe: string;
  /** It goes when this goes. */
  readonly source: RevisionId;
  /** Of its bytes. */
  readonly result: Digest;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
  /**
   * Of a form that a model runs in: chunks that it is stored as, none where they were given up. It is needed, and no cache: it gives way to nothing that is
   * kept to save time.
   */
  readonly chunks?: readonly Digest[];
  /** How long it took to make, where that is known: what it costs to give it up. */
  readonly tookMs?: number;
  /** Of the beginning of a prompt that was evaluated. */
  readonly beginning?: {
    /** Of everything with which its numbers would be others, its tokens left out: what it is nothing to need not be read. */
    readonly ground: Digest;
    readonly tokens: number;
  };
}

/**
 * What the key of a prompt's beginning is the SHA-256 of. Who reads the key learns no prompt.
 * @param ground everything with which the numbers would be others, but for the tokens
 * @param salt whose it is
 */
export const beginningName = (ground: string, salt: string, ids: readonly number[]): string => JSON.stringify([ground, salt, ids]);

/** Keys of those whose use is longest ago, as many as have to go before what comes next fits. */
export function outdone(kept: readonly Derived[], next: Pick<Derived, 'key' | 'sizeBytes'>, maxBytes: number): string[] {
  const others = kept.filter(({ key, chunks }) => key !== next.key && !chunks).sort((a, b) => a.usedAtMs - b.usedAtMs);
  let excess = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, next.sizeBytes) - maxBytes;
  const gone: string[] = [];
  for (const { key, sizeBytes } of others) {
    if (excess <= 0) break;
    gone.push(key);
    excess -= sizeBytes;
  }
  return gone;
}
