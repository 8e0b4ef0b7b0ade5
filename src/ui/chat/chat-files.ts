import { msg } from '@lit/localize';
import { unreadableFile } from '../../core/carriedFile.ts';
import {
  CONVERSATIONS_CAP_BYTES,
  fileNameOf,
  parseConversationFile,
  toConversationFile,
  toMarkdown,
} from '../../core/chat/conversationFile.ts';
import { saveFile } from '../elements/saveFile.ts';
import type { ChatStore } from './chat-store.ts';

/** The branch in sight, to be read. */
export function saveMarkdown({ sight }: ChatStore): void {
  const { head, path } = sight;
  if (!head) return;
  const text = toMarkdown(head, path, {
    person: msg('You'),
    instructions: msg('Instructions'),
    answer: msg('Answer'),
    given: msg('Given to the model'),
  });
  saveFile(`${fileNameOf(head.title)}.md`, new Blob([text], { type: 'text/markdown' }));
}

/** With all branches, to be imported again: these conversations, or all. It is not encrypted. */
export async function saveJson(store: ChatStore, ids?: readonly string[]): Promise<void> {
  const whole = await store.collection.whole(ids);
  const name = ids?.length === 1 ? fileNameOf(whole[0]?.head.title ?? '') : `sill-conversations-${new Date().toISOString().slice(0, 10)}`;
  saveFile(`${name}.json`, new Blob([toConversationFile(whole, Date.now())], { type: 'application/json' }));
}

/**
 * What is here stays; of a conversation that is here already, its messages are added.
 * @returns how many conversations were in the file
 * @throws SillError `invalid_request`
 */
export async function importJson(store: ChatStore, file: File): Promise<number> {
  if (file.size > CONVERSATIONS_CAP_BYTES) {
    throw unreadableFile(
      'conversations',
      'too_large',
      `This file is larger than ${CONVERSATIONS_CAP_BYTES / 2 ** 20} MiB. Export fewer conversations at once. Nothing was changed.`,
      {
        details: { sizeBytes: file.size },
      },
    );
  }
  const whole = parseConversationFile(await file.text());
  const isStored = await store.collection.add(
    whole.map(({ head }) => head),
    whole.flatMap(({ head, messages }) => messages.map((message) => ({ conversation: head.id, message }))),
  );
  if (!isStored && store.error) throw store.error;
  return whole.length;
}
