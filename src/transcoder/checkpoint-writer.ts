import { checkpointName } from "../presentation/names.ts";
import { CHECKPOINT_FORMAT, type Checkpoint } from "./checkpoint.ts";
import type { Output } from "./output.ts";
import type { Publisher } from "./publish.ts";
import type { PictureState } from "./render/picture-state.ts";

/** Checkpoints are written at most this often: a kill without warning costs that much work more. */
const INTERVAL_MS = 5_000;

/** Writes down now and then how far an attempt has come, always after what the words name. */
export class CheckpointWriter {
  readonly #output: Output;
  readonly #key: string;
  readonly #publisher: Publisher;
  #look: (() => PictureState) | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | null = null;

  /** `key` is `checkpointKey` of what the publisher is given. */
  constructor(output: Output, key: string, publisher: Publisher) {
    this.#output = output;
    this.#key = key;
    this.#publisher = publisher;
  }

  /** Where the pictures can be looked at from now on. */
  watch(look: () => PictureState): void {
    this.#look = look;
  }

  /** A segment has ended: a good moment. Never waits; one that fails is followed by the next. */
  segmentEnded(): void {
    const now = performance.now();
    if (this.#writing !== null || now - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = now;
    this.#writing = this.#write()
      .catch(() => {})
      .finally(() => {
        this.#writing = null;
      });
  }

  /** Writes one now. Throws when it, or something that it names, could not be written. */
  async write(): Promise<void> {
    await this.settled();
    await this.#write();
  }

  /** No write is under way after this. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const checkpoint = this.#take();
    if (checkpoint === null) return;
    await this.#publisher.flushed();
    await this.#output.put(checkpointName, Buffer.from(JSON.stringify(checkpoint)));
  }

  /** All at one moment; null while there is nothing to go on with. */
  #take(): Checkpoint | null {
    const pictures = this.#look?.();
    const { whole, sheets, poster } = this.#publisher.state;
    if (pictures === undefined || whole.size === 0) return null;
    return {
      format: CHECKPOINT_FORMAT,
      key: this.#key,
      rungs: Object.fromEntries(whole),
      pictures,
      sheets: [...sheets],
      poster: poster === null ? null : Buffer.from(poster).toString("base64"),
    };
  }
}
