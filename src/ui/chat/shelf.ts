import { byNewest, type Head } from '../../core/chat/conversation.ts';
import type { KeptHead } from './keeper.ts';
import { type Found, Texts } from './texts.ts';

/** Every conversation that is stored, by what stands at its head. */
export class Shelf {
  readonly texts = new Texts();
  readonly #heads = new Map<string, KeptHead>();
  #list: readonly Head[] | undefined;

  /** Pinned ones first, and of each the newest. */
  get list(): readonly Head[] {
    this.#list ??= [...this.#heads.values()]
      .map(({ head }) => head)
      .sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false) || byNewest(a, b));
    return this.#list;
  }

  has(id: string): boolean {
    return this.#heads.has(id);
  }

  get(id: string): KeptHead | undefined {
    return this.#heads.get(id);
  }

  find(query: string): readonly Found[] {
    return this.texts.find(this.list, query);
  }

  put(heads: readonly KeptHead[]): void {
    for (const kept of heads) this.#heads.set(kept.head.id, kept);
    this.#list = undefined;
  }

  delete(ids: readonly string[]): void {
    for (const id of ids) this.#heads.delete(id);
    this.#list = undefined;
  }

  clear(): void {
    this.#heads.clear();
    this.#list = undefined;
    this.texts.forget();
  }
}
