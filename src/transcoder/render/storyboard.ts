import type { Picture } from "../ffmpeg/picture-graph.ts";
import { encodeSheet, readTile, TileScaler, writeTile } from "../ffmpeg/thumbnail-sheet.ts";
import { MAX_SHEETS, type StoryboardPlan } from "../plan/storyboard-plan.ts";
import type { Showing } from "./frame-clock.ts";
import type { StoryboardState } from "./picture-state.ts";
import type { SegmentSink } from "./segment-sink.ts";

/**
 * Collects a tile at every interval and hands out a sheet as soon as it is full, so that memory holds
 * one sheet's tiles at the most. Dispose it after every call on it has settled.
 */
export class Storyboard implements Disposable {
  readonly #plan: StoryboardPlan;
  readonly #sink: SegmentSink;
  readonly #scaler: TileScaler;
  readonly #tiles: Picture[] = [];
  #sheets: number;

  /** `resumed` is the state of an earlier run; tiles that it has already are not made again. */
  constructor(plan: StoryboardPlan, sink: SegmentSink, resumed: StoryboardState | null) {
    this.#plan = plan;
    this.#sink = sink;
    this.#scaler = new TileScaler(plan);
    this.#sheets = resumed?.sheets ?? 0;
    this.#tiles.push(...(resumed?.tiles ?? []).map((pixels) => readTile(pixels, plan)));
  }

  get state(): StoryboardState {
    return { sheets: this.#sheets, tiles: this.#tiles.map(writeTile) };
  }

  /** Shows a picture of the smallest rung, which stays the caller's; most of them make no tile. */
  async show({ picture, from, to }: Showing<Picture>): Promise<void> {
    const { intervalFrames, columns, rows } = this.#plan;
    const perSheet = columns * rows;
    const made = this.#sheets * perSheet + this.#tiles.length;
    const first = Math.max(Math.ceil(from / intervalFrames), made) * intervalFrames;
    for (let tick = first; tick < to && this.#sheets < MAX_SHEETS; tick += intervalFrames) {
      // A resumed run can begin with all the tiles of a sheet.
      if (this.#tiles.length === perSheet) await this.#hand();
      this.#tiles.push(await this.#scaler.scale(picture));
      if (this.#tiles.length === perSheet) await this.#hand();
    }
  }

  /** No picture comes any more. */
  async end(): Promise<void> {
    if (this.#tiles.length > 0) await this.#hand();
  }

  async #hand(): Promise<void> {
    const bytes = await encodeSheet(this.#tiles, this.#plan);
    this.#sheets += 1;
    const tiles = this.#tiles.length;
    this.#freeTiles();
    await this.#sink.sheet(this.#sheets, tiles, bytes);
  }

  #freeTiles(): void {
    for (const tile of this.#tiles.splice(0)) tile.free();
  }

  [Symbol.dispose](): void {
    this.#freeTiles();
    this.#scaler[Symbol.dispose]();
  }
}
