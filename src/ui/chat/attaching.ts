import type { ReactiveControllerHost } from 'lit';
import type { AttachedFile, Sources } from '../../core/chat/attachment.ts';
import type { Message } from '../../core/chat/conversation.ts';
import { filesOf } from '../../core/chat/given.ts';
import { type Refusal, readTextFile, TEXT_FILES } from '../search/text-file.ts';
import type { About } from './saying.ts';

/** A longer text is better read once and kept with its passages, as Search does. This much is about fifty pages, and read in seconds. */
export const MAX_ATTACHED_BYTES = 200_000;
/** With one message. */
export const MOST_FILES = 8;

const CODE =
  '.c,.cc,.cpp,.cs,.css,.go,.h,.hpp,.ini,.java,.js,.jsonl,.jsx,.kt,.lua,.log,.mjs,.php,.pl,.py,.r,.rb,.rs,.scss,.sh,.sql,.swift,.toml,.ts,.tsx,.tsv,.xml,.yaml,.yml';
export const ATTACHABLE = `${TEXT_FILES},${CODE},text/*`;

export interface RefusedFile {
  readonly name: string;
  readonly reason: Refusal | 'too-many';
}

/** What is attached to the next message of one conversation. */
interface Draft {
  readonly files: readonly AttachedFile[];
  /** Of files that came before: not asked about any more. */
  readonly without: ReadonlySet<string>;
  /** Absent: as with the message before. */
  readonly documents?: boolean;
  readonly refused: readonly RefusedFile[];
}

const NOTHING: Draft = { files: [], without: new Set(), refused: [] };

/** What the next message is about. In memory alone until it is sent, as what is written is. */
export class Attaching {
  readonly #host: ReactiveControllerHost;
  readonly #drafts = new Map<string, Draft>();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Files of the branch that the next message is about, then those that come with it. */
  files(conversation: string, path: readonly Message[]): readonly AttachedFile[] {
    const { files, without } = this.#of(conversation);
    const before = lastSources(path)?.files ?? [];
    const kept = filesOf(path).filter(({ id }) => before.includes(id) && !without.has(id));
    return [...kept, ...files.filter(({ id }) => !before.includes(id))];
  }

  documents(conversation: string, path: readonly Message[]): boolean {
    return this.#of(conversation).documents ?? lastSources(path)?.documents ?? false;
  }

  refused(conversation: string): readonly RefusedFile[] {
    return this.#of(conversation).refused;
  }

  /** For the message that is sent now. Nothing where it is about nothing. */
  about(conversation: string, path: readonly Message[]): About {
    const { files } = this.#of(conversation);
    const sources = { files: this.files(conversation, path).map(({ id }) => id), documents: this.documents(conversation, path) };
    if (sources.files.length === 0 && !sources.documents) return {};
    return { sources, ...(files.length > 0 ? { files: [...files] } : {}) };
  }

  async add(conversation: string, chosen: readonly File[]): Promise<void> {
    this.#set(conversation, { refused: [] });
    for (const file of chosen) {
      const read = await readTextFile(file, MAX_ATTACHED_BYTES);
      const { files, refused } = this.#of(conversation);
      if ('refusal' in read) this.#set(conversation, { refused: [...refused, { name: read.name, reason: read.refusal }] });
      else if (files.length >= MOST_FILES) this.#set(conversation, { refused: [...refused, { name: read.name, reason: 'too-many' }] });
      else this.#set(conversation, { files: [...files, { id: crypto.randomUUID(), ...read }] });
    }
  }

  remove(conversation: string, id: string): void {
    const { files, without } = this.#of(conversation);
    this.#set(conversation, { files: files.filter((file) => file.id !== id), without: new Set([...without, id]), refused: [] });
  }

  setDocuments(conversation: string, documents: boolean): void {
    this.#set(conversation, { documents, refused: [] });
  }

  /** It was sent, and what follows begins with what it was about. */
  sent(conversation: string): void {
    this.#drafts.delete(conversation);
    this.#host.requestUpdate();
  }

  clear(): void {
    this.#drafts.clear();
  }

  #of(conversation: string): Draft {
    return this.#drafts.get(conversation) ?? NOTHING;
  }

  #set(conversation: string, change: Partial<Draft>): void {
    this.#drafts.set(conversation, { ...this.#of(conversation), ...change });
    this.#host.requestUpdate();
  }
}

/** Of the last message of the person: what follows it is about the same, or about nothing where that one was. */
const lastSources = (path: readonly Message[]): Sources | undefined => path.findLast(({ role }) => role === 'user')?.sources;
