import type { Head } from '../../core/chat/conversation.ts';
import { excerpt, folded, hasWords, wordsOf } from '../../core/words.ts';
import { inParts } from './in-parts.ts';
import type { KeptMessage } from './keeper.ts';

export interface Found {
  readonly head: Head;
  /** Where in what was said the words stand, where they do. Asked of the rows in sight alone: of a thousand it took half a second. */
  readonly excerpt?: () => string | undefined;
}

interface Said {
  readonly text: string;
  readonly folded: string;
}

/** What was said in every conversation, in memory, to be searched while somebody types. It is read when the first search begins. */
export class Texts {
  /** Of all conversations. */
  isRead = false;
  #said = new Map<string, Said>();
  readonly #titles = new Map<string, { readonly title: string; readonly folded: string }>();

  forget(): void {
    this.isRead = false;
    this.#said = new Map();
    this.#titles.clear();
  }

  /** Of everything. What was told of a conversation meanwhile is newer, and stays. */
  async fill(messages: readonly KeptMessage[]): Promise<void> {
    const said = this.#said;
    await inParts([...joined(messages)], ([id, text]) => {
      if (!said.has(id)) said.set(id, { text, folded: folded(text) });
    });
    // Otherwise they were locked, or are read anew.
    if (said === this.#said) this.isRead = true;
  }

  /** What these conversations say now; nothing for one that is gone. */
  replace(messages: readonly KeptMessage[], conversations: readonly string[]): void {
    for (const id of conversations) this.#said.delete(id);
    for (const [id, text] of joined(messages)) this.#said.set(id, { text, folded: folded(text) });
  }

  /** Those with all of the words in their title or in what was said, in the order in which they came. Titles alone until all was read. */
  find(heads: readonly Head[], query: string): readonly Found[] {
    const words = wordsOf(query);
    if (words.length === 0) return heads.map((head) => ({ head }));
    return heads.flatMap((head): Found[] => {
      const title = this.#title(head);
      const said = this.#said.get(head.id);
      if (hasWords(title, words)) return [{ head }];
      if (!said || !words.every((word) => said.folded.includes(word) || title.includes(word))) return [];
      return [{ head, excerpt: () => excerpt(said.text, words) }];
    });
  }

  #title({ id, title }: Head): string {
    const known = this.#titles.get(id);
    if (known?.title === title) return known.folded;
    const own = { title, folded: folded(title) };
    this.#titles.set(id, own);
    return own.folded;
  }
}

/** The messages of each conversation as one text. */
function joined(messages: readonly KeptMessage[]): Map<string, string> {
  const parts = new Map<string, string[]>();
  for (const { conversation, message } of messages) {
    const own = parts.get(conversation);
    if (own) own.push(message.text);
    else parts.set(conversation, [message.text]);
  }
  return new Map([...parts].map(([id, texts]) => [id, texts.join('\n')]));
}
