/** Segments on their way at once: enough to hide a store's latency, and 16 MB of 1080p at the most. */
const IN_FLIGHT = 4;

/**
 * Runs writes beside the encoders with a bound on how many are under way. A failed write shows at the
 * next `add` or at `settled`, so that the job ends soon and never unnoticed.
 */
export class WriteBehind {
  readonly #running = new Set<Promise<void>>();
  readonly #accepted = new Set<Promise<void>>();
  #failure: { readonly reason: unknown } | null = null;

  /** Resolves when the write has begun, which is at once while few are under way. */
  async add(write: () => Promise<void>): Promise<void> {
    const ended = Promise.withResolvers<void>();
    this.#accepted.add(ended.promise);
    const end = () => {
      this.#accepted.delete(ended.promise);
      ended.resolve();
    };
    try {
      await this.#begin(write, end);
    } catch (thrown) {
      end();
      throw thrown;
    }
  }

  async #begin(write: () => Promise<void>, end: () => void): Promise<void> {
    while (this.#running.size >= IN_FLIGHT) await Promise.race(this.#running);
    this.#throwFailure();
    const running = write()
      .catch((reason: unknown) => {
        this.#failure ??= { reason };
      })
      .finally(() => {
        this.#running.delete(running);
        end();
      });
    this.#running.add(running);
  }

  /** Resolves when every write has ended well; throws the first failure. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#throwFailure();
  }

  /** Resolves when every write that was added before has ended well; throws the first failure. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#accepted]);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.reason;
  }
}
