/** Pieces that are verified and stored while the next ones arrive, up to so many bytes: a slow disk holds back whoever brings them. */
export class Keeping {
  #bytes = 0;
  readonly #pending: Promise<void>[] = [];

  /** @param onFailure wakes whoever waits for the next piece; the failure itself is thrown by `room` or `all` */
  constructor(
    private readonly capacityBytes: number,
    private readonly onFailure: () => void = () => undefined,
  ) {}

  /** A piece that is larger than all that there is room for is kept alone. */
  async room(sizeBytes: number): Promise<void> {
    while (this.#pending.length > 0 && this.#bytes + sizeBytes > this.capacityBytes) await this.#pending.shift();
  }

  add(sizeBytes: number, work: Promise<void>): void {
    this.#bytes += sizeBytes;
    const done = work.finally(() => {
      this.#bytes -= sizeBytes;
    });
    done.catch(this.onFailure);
    this.#pending.push(done);
  }

  /** Of several failures the first is thrown, when all have ended. */
  async all(): Promise<void> {
    const ended = await Promise.allSettled(this.#pending.splice(0));
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }
}
