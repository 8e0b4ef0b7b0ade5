import * as v from 'valibot';
import type { CopiedConversations } from '../../core/chat/copied.ts';
import { type Body, HeadRecordSchema, isSealedAs, MessageRecordSchema, VaultSchema } from '../../core/chat/records.ts';
import { invalidBackup } from '../../core/ownData.ts';
import type { KeptConversations } from '../../ports/conversations.ts';
import { fromBase64, toBase64 } from './base64.ts';

type CopiedBody = CopiedConversations['heads'][number]['body'];

/** As they are kept: what a passphrase locks stays locked. */
export const copiedConversations = ({ vault, heads, messages }: KeptConversations): CopiedConversations => ({
  ...(vault ? { vault: { ...vault, salt: toBase64(vault.salt), check: toBase64(vault.check) } } : {}),
  heads: heads.map((head) => ({ ...head, body: written(head.body) })),
  messages: messages.map((message) => ({ ...message, body: written(message.body) })),
});

/** @throws SillError `invalid_backup` */
export function keptConversations({ vault, heads, messages }: CopiedConversations): KeptConversations {
  const kept = v.safeParse(
    v.object({ vault: v.optional(VaultSchema), heads: v.array(HeadRecordSchema), messages: v.array(MessageRecordSchema) }),
    {
      ...(vault ? { vault: { ...vault, salt: fromBase64(vault.salt), check: fromBase64(vault.check) } } : {}),
      heads: heads.map((head) => ({ ...head, body: read(head.body) })),
      messages: messages.map((message) => ({ ...message, body: read(message.body) })),
    },
  );
  if (!kept.success) throw invalidBackup(`${kept.issues[0].message} (in its conversations)`);
  const { output } = kept;
  const known = new Set(output.heads.map(({ id }) => id));
  const fits = [...output.heads, ...output.messages].every((record) => isSealedAs(output.vault?.id, record));
  if (!fits || !output.messages.every(({ conversation }) => known.has(conversation))) throw invalidBackup('its conversations are damaged');
  return output;
}

const written = (body: Body): CopiedBody => (typeof body === 'string' ? body : { sealed: toBase64(body) });
const read = (body: CopiedBody): Body => (typeof body === 'string' ? body : fromBase64(body.sealed));
