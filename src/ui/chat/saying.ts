import { type Head, type Message, titleOf } from '../../core/chat/conversation.ts';
import { newSeed } from '../write/sampling.ts';
import type { Answers } from './answers.ts';
import type { Sight } from './sight.ts';

/** What a person asks about. */
export type About = Pick<Message, 'files' | 'sources'>;

/** Stores it. False where it could not be. */
type Change = (change: Partial<Head>, messages: readonly Message[], head: Head) => Promise<boolean>;

/**
 * What a person says in the conversation in sight, and the answers to it. Each resolves once it is stored; the answer goes on. The context length
 * is the model's, in tokens.
 */
export class Saying {
  readonly #sight: Sight;
  readonly #answers: Pick<Answers, 'of' | 'begin'>;
  readonly #nextPlace: (nowMs: number) => number;
  readonly #change: Change;

  /** @param nextPlace of what is said now, among all conversations */
  constructor(sight: Sight, answers: Pick<Answers, 'of' | 'begin'>, nextPlace: (nowMs: number) => number, change: Change) {
    this.#sight = sight;
    this.#nextPlace = nextPlace;
    this.#answers = answers;
    this.#change = change;
  }

  /** @param about files that come with it, and where passages for it are looked for */
  say(text: string, contextLength: number | undefined, about: About = {}): Promise<void> {
    return this.#ask(this.#sight.path.at(-1)?.id, { ...about, text }, contextLength);
  }

  /** Beside the message: what was said before stays a branch. */
  edit({ parent, files, sources, given, text: before }: Message, text: string, contextLength: number | undefined): Promise<void> {
    // For other words something else is found.
    const found = text === before && given ? { given } : {};
    return this.#ask(parent, { ...(files ? { files } : {}), ...(sources ? { sources } : {}), ...found, text }, contextLength);
  }

  /** Another answer beside this one; in the place of one that has nothing to keep. */
  again(old: Message, contextLength: number | undefined): Promise<void> {
    return this.#answer(old.parent, [], contextLength, old.text.trim() === '' ? old.id : undefined);
  }

  /** An answer that was cut off, or stopped, or ran into its limit, goes on by the model that began it. */
  async goOn(begun: Message, contextLength: number | undefined): Promise<void> {
    const { head, tree } = this.#sight;
    if (!head || !begun.answer || this.#answers.of(head.id)) return;
    const { error: _, ending: __, ...answer } = begun.answer;
    const going: Message = { ...begun, answer: { ...answer, state: 'writing' } };
    const asked = { head: { ...head, model: answer.model }, path: tree.pathTo(begun.parent), contextLength, begun: going };
    await this.#answers.begin(asked, () => this.#change({}, [going], head));
  }

  async #ask(
    parent: string | undefined,
    own: Pick<Message, 'text' | 'files' | 'sources' | 'given'>,
    contextLength: number | undefined,
  ): Promise<void> {
    const said = { ...(parent === undefined ? {} : { parent }), role: 'user' as const, ...own, createdAtMs: this.#sight.nowMs };
    const message: Message = { id: crypto.randomUUID(), ...said };
    await this.#answer(message.id, [message], contextLength);
  }

  async #answer(
    parent: string | undefined,
    said: readonly Message[],
    contextLength: number | undefined,
    id: string = crypto.randomUUID(),
  ): Promise<void> {
    const { head, tree, nowMs } = this.#sight;
    if (!head || parent === undefined || this.#answers.of(head.id)) return;
    const seed = head.parameters?.fixedSeed ? head.parameters.seed : newSeed();
    const begun: Message = {
      ...{ id, parent, role: 'assistant', text: '', createdAtMs: nowMs + 1 },
      answer: { state: 'writing', model: head.model, seed },
    };
    const [first] = said;
    const path = first ? [...tree.pathTo(first.parent), first] : tree.pathTo(parent);
    const change = { leaf: id, updatedAtMs: nowMs, order: this.#nextPlace(nowMs), title: head.title || titleOf(first?.text ?? '') };
    await this.#answers.begin({ head, path, contextLength, begun }, () => this.#change(change, [...said, begun], head));
  }
}
