import { sharedBlocks, wholeBlocks } from '../core/prefill.ts';
import { blockKey } from '../core/prefixTree.ts';
import type { GenerateRequest } from '../ports/generation.ts';
import { promptIds } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';

/** What a person may write first, as different as two words are: what is the same before both is the same before any. */
export const FIRST_WORDS = ['A', '1'] as const;

/**
 * The tokens with which a prompt begins whatever is asked, in whole blocks of a prefill: of messages, what stands before a person's first word, of
 * other prompts all. Empty where that is less than a block.
 * @throws SillError `empty_input` | `chat_template_missing` | `invalid_request`
 */
export function beginningOf(text: TextModel, input: GenerateRequest['input']): number[] {
  const ids = promptIds(text, input, true);
  const length =
    input.kind === 'chat' ? commonLength(ids, ...FIRST_WORDS.map((content) => promptIds(text, asked(input, content), true))) : ids.length;
  return wholeBlocks(ids, text.cuts, length).flat();
}

/** The same messages up to a person's first, and that one in other words. */
function asked(input: Extract<GenerateRequest['input'], { kind: 'chat' }>, content: string): GenerateRequest['input'] {
  const first = input.messages.findIndex(({ role }) => role !== 'system');
  const instructions = first < 0 ? input.messages : input.messages.slice(0, first);
  return { ...input, messages: [...instructions, { role: 'user', content }] };
}

export function commonLength(first: readonly number[], ...others: ReadonlyArray<readonly number[]>): number {
  const end = first.findIndex((id, i) => others.some((other) => other[i] !== id));
  return end < 0 ? first.length : end;
}

/** What is kept of a beginning as `beginningOf` gave it, block after block; absent where something of it is not kept or does not leave the runtime. */
export function exportBeginning(text: TextModel, ids: readonly number[], salt: string): Uint8Array<ArrayBuffer> | undefined {
  const path = sharedBlocks(ids, text.cuts).map(blockKey);
  const parts = text.prefixes.find(salt, path).flatMap(({ block: { bytes } }) => (bytes ? [bytes] : []));
  if (path.length === 0 || parts.length < path.length) return undefined;
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/** Takes over what an earlier run exported of the same beginning. Nothing where blocks have no bytes. */
export function importBeginning(text: TextModel, ids: readonly number[], salt: string, bytes: Uint8Array<ArrayBuffer>): void {
  const { adopt, tokenBytes } = text.model;
  if (!adopt) return;
  const blocks = sharedBlocks(ids, text.cuts);
  const path = blocks.map(blockKey);
  // What is there is as good, and may have the scores behind it.
  const known = text.prefixes.find(salt, path).length;
  let at = 0;
  for (const [i, { length }] of blocks.entries()) {
    const end = at + length * tokenBytes;
    // Copied, so that each can be let go by itself.
    if (i >= known) text.prefixes.put(salt, path.slice(0, i + 1), prefixOf(adopt(bytes.slice(at, end))));
    at = end;
  }
}

const prefixOf = (block: ReturnType<NonNullable<TextModel['model']['adopt']>>) => ({
  block,
  logits: undefined,
  sizeBytes: block.sizeBytes,
});
