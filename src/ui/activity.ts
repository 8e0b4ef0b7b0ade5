/**
 * What must not be cut off by a reload: generations, transcriptions, indexing, installs.
 *
 * @fires change when the first begins or the last ends
 */
export class Activity extends EventTarget {
  #running = 0;

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Runs it and counts it as busy until it settles. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#add(1);
    try {
      return await work();
    } finally {
      this.#add(-1);
    }
  }

  #add(change: number): void {
    const before = this.busy;
    this.#running += change;
    if (this.busy !== before) this.dispatchEvent(new Event('change'));
  }
}
