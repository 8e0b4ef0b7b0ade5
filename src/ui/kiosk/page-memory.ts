import * as v from 'valibot';

const MeasurementSchema = v.object({ bytes: v.pipe(v.number(), v.integer(), v.minValue(0)) });

/**
 * What the page takes with its workers, in bytes, as Chromium tells an isolated page (`measureUserAgentSpecificMemory`). It answers at its next
 * garbage collection, which may be half a minute away, and gives threads that wait for work, and so cannot answer, a whole one: so it is asked ahead,
 * and the latest answer is what is known.
 */
export class PageMemory {
  #latest: number | undefined;
  #asking = false;

  /** Each answer once: an old one says nothing of now. */
  take(): number | undefined {
    const latest = this.#latest;
    this.#latest = undefined;
    this.#ask();
    return latest;
  }

  #ask(): void {
    const measure: unknown = Reflect.get(performance, 'measureUserAgentSpecificMemory');
    if (!crossOriginIsolated || typeof measure !== 'function' || this.#asking) return;
    this.#asking = true;
    const asked: unknown = measure.call(performance);
    void Promise.resolve(asked)
      .then(
        (answer) => {
          const parsed = v.safeParse(MeasurementSchema, answer);
          if (parsed.success) this.#latest = parsed.output.bytes;
        },
        // A browser that has it and refuses: the workers' own figures do.
        () => undefined,
      )
      .finally(() => {
        this.#asking = false;
      });
  }
}
