/**
 * Hands values from one loop to another and lets the faster one wait. One producer, one consumer.
 * A failure on either side reaches the other: `fail` makes both `push` and `shift` throw.
 */
export class BoundedQueue<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | null = null;
  #wakeConsumer: (() => void) | null = null;
  #wakeProducer: (() => void) | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Resolves when there is room; the queue owns the item from then on. Throws what `fail` was given. */
  async push(item: T): Promise<void> {
    while (this.#items.length >= this.#capacity && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wakeProducer = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure.reason;
    this.#items.push(item);
    this.#wake();
  }

  /** The next item, or undefined after the end. */
  async shift(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#ended && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure.reason;
    const item = this.#items.shift();
    this.#wake();
    return item;
  }

  /** No more items will come; those inside are still handed out. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Stops both sides with `reason`; the first reason stays. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#wake();
  }

  /** Takes out what nobody will consume, for release. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  #wake(): void {
    this.#wakeConsumer?.();
    this.#wakeProducer?.();
    this.#wakeConsumer = null;
    this.#wakeProducer = null;
  }
}
