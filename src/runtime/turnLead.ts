import { commonLength, FIRST_WORDS } from './keptBeginnings.ts';
import type { TextTokenizer } from './tokenizer.ts';

/**
 * The tokens that a model's chat template writes between the end of an answer and a person's next words, as "\n<|user|>\n"; none where it has no
 * template, or one that ends no turn.
 */
export function turnLead(tokenizer: Pick<TextTokenizer, 'chat'>, turnEnds: ReadonlySet<number>): number[] {
  if (turnEnds.size === 0) return [];
  try {
    const [first = [], second = []] = FIRST_WORDS.map((content) =>
      tokenizer.chat(
        [
          { role: 'user', content: 'A' },
          { role: 'assistant', content: 'A' },
          { role: 'user', content },
        ],
        undefined,
      ),
    );
    const before = first.slice(0, commonLength(first, second));
    const end = before.findLastIndex((id) => turnEnds.has(id));
    return end < 0 ? [] : before.slice(end + 1);
  } catch {
    // Without a template, or with one that refuses this: whoever chats is told.
    return [];
  }
}
