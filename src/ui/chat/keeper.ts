import * as v from 'valibot';
import { type Head, HeadSchema, type Message, MessageSchema } from '../../core/chat/conversation.ts';
import type { Body, MessageRecord, Vault, WriteOutcome } from '../../core/chat/records.ts';
import { SillError } from '../../core/errors.ts';
import type { Key, Sealing } from '../../ports/sealing.ts';
import type { SillConversations } from '../../protocol/conversations.ts';
import { inParts } from './in-parts.ts';

export interface KeptHead {
  readonly head: Head;
  /** Of the record. */
  readonly version: number;
}

export interface KeptMessage {
  readonly conversation: string;
  readonly message: Message;
}

export interface Change {
  readonly heads?: readonly KeptHead[];
  readonly messages?: readonly KeptMessage[];
  readonly removed?: readonly string[];
}

const aboutHead = (id: string): string => `head/${id}`;
const aboutMessage = (conversation: string, id: string): string => `message/${conversation}/${id}`;

/** Conversations as data: read from and written to records, which are sealed while a passphrase is set. Holds the key as long as the page lives. */
export class Keeper {
  /** Names this tab's writing. */
  readonly by = crypto.randomUUID();
  /** The vault that locks the records, as it was read last. */
  vault: Vault | undefined;
  /** Records that cannot be read here: another version of the app wrote them, or they were damaged. They are kept as they are. */
  readonly unreadable = new Set<string>();
  readonly #conversations: SillConversations;
  readonly #sealing: Sealing;
  #key: Key | undefined;
  /** Counts what this tab does to the vault: what was read before is not true any more. */
  #era = 0;
  /** This tab's own writing waits for it: an answer that is stored each second would make a change of some seconds begin again for ever. */
  #changing: Promise<unknown> | undefined;

  constructor(conversations: SillConversations, sealing: Sealing) {
    this.#conversations = conversations;
    this.#sealing = sealing;
  }

  get isLocked(): boolean {
    return this.vault !== undefined && this.vault.id !== this.#key?.vault.id;
  }

  /** Of these conversations or of all; nothing while it is locked. */
  heads(ids?: readonly string[]): Promise<readonly KeptHead[]> {
    return this.#settled(() => this.#heads(ids));
  }

  /** Of these conversations or of all. */
  messages(ids?: readonly string[]): Promise<readonly KeptMessage[]> {
    return this.#settled(() => this.#messages(ids));
  }

  /** What was sealed with one key is not opened with the next: what is read while this tab changes its own is read again. */
  async #settled<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#changing;
      const era = this.#era;
      try {
        const found = await read();
        if (era === this.#era) return found;
      } catch (reason) {
        if (era === this.#era) throw reason;
      }
    }
  }

  async #heads(ids: readonly string[] | undefined): Promise<readonly KeptHead[]> {
    const { heads, vault } = await this.#conversations.list(ids);
    this.vault = vault;
    // Another tab removed its vault, or made one anew: what this key would seal is refused.
    if (vault?.id !== this.#key?.vault.id) this.#key = undefined;
    if (this.isLocked) return [];
    if (!ids) this.unreadable.clear();
    const read = await inParts(heads, async ({ id, version, body }) => ({
      version,
      head: await this.#read(HeadSchema, body, aboutHead(id)),
    }));
    return read.flatMap(({ head, version }) => (head ? [{ head, version }] : []));
  }

  async #messages(ids: readonly string[] | undefined): Promise<readonly KeptMessage[]> {
    const records = await this.#conversations.messages(ids);
    if (this.isLocked) return [];
    const read = await inParts(records, async ({ conversation, id, body }) => ({
      conversation,
      message: await this.#read(MessageSchema, body, aboutMessage(conversation, id)),
    }));
    return read.flatMap(({ conversation, message }) => (message ? [{ conversation, message }] : []));
  }

  async write({ heads = [], messages = [], removed = [] }: Change): Promise<WriteOutcome> {
    await this.#changing;
    const key = this.#key;
    const sealed = await sealAll({ heads, messages }, key);
    return this.#conversations.write({ by: this.by, vault: key?.vault.id, ...sealed, removed });
  }

  /** False for a wrong passphrase. */
  async unlock(passphrase: string): Promise<boolean> {
    if (!this.vault) return true;
    const key = await this.#sealing.unlock(this.vault, passphrase);
    if (key) this.#key = key;
    return key !== undefined;
  }

  lock(): void {
    this.#key = undefined;
  }

  /**
   * Seals everything anew with a key of this passphrase, or opens it for good without one. Begins again where something was written meanwhile.
   * @throws SillError `busy` where another tab changed the passphrase, or never stops writing
   */
  async setPassphrase(passphrase: string | undefined): Promise<void> {
    const changing = this.#setPassphrase(passphrase);
    const ended = changing.catch(() => undefined);
    this.#changing = ended;
    try {
      await changing;
    } finally {
      // Another one may have begun meanwhile.
      if (this.#changing === ended) this.#changing = undefined;
    }
  }

  async #setPassphrase(passphrase: string | undefined): Promise<void> {
    const next = passphrase === undefined ? undefined : await this.#sealing.create(passphrase);
    for (let tries = 0; tries < 10; tries++) {
      const { heads, vault, sequence } = await this.#conversations.list();
      if (vault?.id !== this.#key?.vault.id) break;
      const messages = await this.#conversations.messages();
      // Also what cannot be read here: its text is carried over as it is.
      const body = async (stored: Body, about: string): Promise<Body> => {
        const text = typeof stored === 'string' ? stored : await this.#opened(stored, about);
        return next ? next.seal(text, about) : text;
      };
      const outcome = await this.#conversations.reseal({
        ...{ by: this.by, from: { vault: vault?.id, sequence }, vault: next?.vault },
        heads: await inParts(heads, async (head) => ({ ...head, body: await body(head.body, aboutHead(head.id)) })),
        messages: await inParts(messages, async (message) => ({
          ...message,
          body: await body(message.body, aboutMessage(message.conversation, message.id)),
        })),
      });
      if (outcome === 'written') {
        this.#become(next);
        return;
      }
      if (outcome === 'vault_changed') break;
    }
    throw new SillError('busy', 'Another tab was writing conversations or changed their passphrase. Nothing was changed: try again.', {
      details: { conversations: 'changed' },
    });
  }

  /** Deletes everything, and the passphrase with it. */
  async clear(): Promise<void> {
    await this.#conversations.clear({ by: this.by });
    this.#become(undefined);
  }

  #become(key: Key | undefined): void {
    this.#era++;
    this.#key = key;
    this.vault = key?.vault;
  }

  async #opened(sealed: Uint8Array, about: string): Promise<string> {
    if (this.#key) return this.#key.open(sealed, about);
    throw new SillError('storage_unavailable', 'Conversations are locked with a passphrase. Unlock them first.');
  }

  async #read<S extends v.GenericSchema>(schema: S, body: Body, about: string): Promise<v.InferOutput<S> | undefined> {
    try {
      const parsed = v.safeParse(schema, JSON.parse(typeof body === 'string' ? body : await this.#opened(body, about)));
      if (parsed.success) {
        this.unreadable.delete(about);
        return parsed.output;
      }
    } catch (reason) {
      if (!(reason instanceof SyntaxError) && !(reason instanceof SillError && reason.code === 'storage_unavailable')) throw reason;
    }
    this.unreadable.add(about);
    return undefined;
  }
}

async function sealAll({ heads, messages }: Required<Pick<Change, 'heads' | 'messages'>>, key: Key | undefined) {
  const bodyOf = async (value: unknown, about: string): Promise<Body> => {
    const text = JSON.stringify(value);
    return key ? key.seal(text, about) : text;
  };
  return {
    heads: await inParts(heads, async ({ head, version }) => ({ id: head.id, version, body: await bodyOf(head, aboutHead(head.id)) })),
    messages: await inParts(
      messages,
      async ({ conversation, message }): Promise<MessageRecord> => ({
        ...{ conversation, id: message.id },
        body: await bodyOf(message, aboutMessage(conversation, message.id)),
      }),
    ),
  };
}
