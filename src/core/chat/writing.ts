import { type ConversationChange, isSealedAs, type Resealing, type Vault, type WriteOutcome } from './records.ts';

/** What is stored of that which a change touches. */
interface Stored {
  readonly vault: Vault | undefined;
  readonly sequence: number;
  /** Version of a stored head. */
  readonly versionOf: (conversation: string) => number | undefined;
}

/** Whether a change may be written as it is, judged inside the transaction that would write it. */
export function judgeChange({ vault, heads = [], messages = [], removed = [] }: ConversationChange, stored: Stored): WriteOutcome {
  if (stored.vault?.id !== vault || ![...heads, ...messages].every((record) => isSealedAs(vault, record))) return 'vault_changed';
  const leaving = new Set(removed);
  for (const { id, version } of heads) {
    const before = leaving.has(id) ? undefined : stored.versionOf(id);
    if ((before ?? 0) !== version) return before === undefined ? 'gone' : 'head_changed';
  }
  const coming = new Set(heads.map(({ id }) => id));
  const isThere = (id: string): boolean => coming.has(id) || (!leaving.has(id) && stored.versionOf(id) !== undefined);
  return messages.every(({ conversation }) => isThere(conversation)) ? 'written' : 'gone';
}

/** As `judgeChange`, of everything at once: nothing may have been written since it was read. */
export function judgeResealing({ from, vault, heads, messages }: Resealing, stored: Omit<Stored, 'versionOf'>): WriteOutcome {
  if (stored.vault?.id !== from.vault || ![...heads, ...messages].every((record) => isSealedAs(vault?.id, record))) return 'vault_changed';
  return stored.sequence === from.sequence ? 'written' : 'head_changed';
}

/**
 * Whether conversations of a copy can stand beside those that are here: one key opens all of them, or there are none here. A passphrase that waits for its
 * first conversation gives way to that of the copy, never to none: what is written next would lie open without a word.
 */
export const mayRestore = (copy: Vault | undefined, here: { readonly vault: Vault | undefined; readonly isEmpty: boolean }): boolean =>
  copy?.id === here.vault?.id || (here.isEmpty && copy !== undefined);

/** A copy without any, from a device without a passphrase, says nothing of either. */
export const hasNothing = ({ vault, heads }: { readonly vault?: Vault | undefined; readonly heads: readonly unknown[] }): boolean =>
  vault === undefined && heads.length === 0;
