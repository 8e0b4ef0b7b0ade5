import { writingLock } from '../../protocol/locks.ts';

/** Answers that other tabs are writing, as their locks tell: a tab that was killed holds none. */
export class Elsewhere {
  readonly #writing = new Set<string>();

  has(id: string): boolean {
    return this.#writing.has(id);
  }

  /** @param onEnd called once whoever writes it has ended or died: at once where nobody does */
  watch(id: string, onEnd: () => Promise<void>): void {
    if (this.#writing.has(id)) return;
    this.#writing.add(id);
    void navigator.locks.request(writingLock(id), { mode: 'shared' }, async () => {
      this.#writing.delete(id);
      await onEnd();
    });
  }
}
