import { formatOf, type Picture, PictureGraph, sameFormat } from "../ffmpeg/picture-graph.ts";
import { encodePoster } from "../ffmpeg/poster.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import { firstPicture } from "../plan/timeline.ts";
import type { BoundedQueue } from "./bounded-queue.ts";
import { filterText, label } from "./filter-text.ts";
import type { SegmentRange } from "./render.ts";
import type { SegmentSink } from "./segment-sink.ts";

/** bwdif looks one picture back and one ahead; two of each make a range start and end like a whole run. */
const DEINTERLACE_MARGIN_TICKS = 2;

/** The poster comes from the highest rung up to this size. */
const POSTER_MAX_SHORT_SIDE = 720;

/**
 * Filters each picture once and gives every rung its size. The filters are rebuilt when a source
 * changes its size or format on the way. Dispose it after the last call has settled.
 */
export class PictureCascade implements Disposable {
  readonly #plan: TranscodePlan;
  readonly #range: { readonly from: number; readonly to: number };
  readonly #queues: readonly BoundedQueue<Picture>[];
  readonly #sink: SegmentSink;
  readonly #posterRung: number;
  #graph: PictureGraph | null = null;
  #shown = 0;

  constructor(
    plan: TranscodePlan,
    range: SegmentRange,
    queues: readonly BoundedQueue<Picture>[],
    sink: SegmentSink,
  ) {
    this.#plan = plan;
    const { timeline } = plan;
    this.#range = {
      from: firstPicture(timeline, range.from),
      to: firstPicture(timeline, range.to),
    };
    this.#queues = queues;
    this.#sink = sink;
    this.#posterRung = plan.rungs.findLastIndex(
      ({ width, height }) => Math.min(width, height) <= POSTER_MAX_SHORT_SIDE,
    );
  }

  /** First tick the filters have to see, which can lie before the range. */
  get firstTick(): number {
    return Math.max(0, this.#range.from - this.#margin);
  }

  /** Tick after the last one the filters have to see. */
  get endTick(): number {
    return this.#range.to + this.#margin;
  }

  get #margin(): number {
    return this.#plan.picture.deinterlace ? DEINTERLACE_MARGIN_TICKS : 0;
  }

  /** Pictures given to the rungs so far. */
  get shown(): number {
    return this.#shown;
  }

  /** Shows a picture, which stays the caller's, at this tick; waits while a rung's queue is full. */
  async show(picture: Picture, tick: number): Promise<void> {
    const format = formatOf(picture);
    if (this.#graph === null || !sameFormat(this.#graph.format, format)) {
      await this.end();
      this.#graph = await this.#open(format);
    }
    picture.pts = BigInt(tick);
    await this.#hand(await this.#graph.push(picture));
  }

  /** Lets out what the filters still hold. */
  async end(): Promise<void> {
    if (this.#graph === null) return;
    const graph = this.#graph;
    await this.#hand(await graph.push(null));
    this.#graph = null;
    graph[Symbol.dispose]();
  }

  #open(format: ReturnType<typeof formatOf>): Promise<PictureGraph> {
    const { picture, rungs } = this.#plan;
    return PictureGraph.open(format, filterText(format, picture, rungs), rungs.map(label));
  }

  async #hand(outputs: Picture[][]): Promise<void> {
    await this.#offerPoster(outputs[this.#posterRung] ?? []);
    for (const picture of outputs[0] ?? []) if (this.#isWanted(picture)) this.#shown += 1;
    const handing = outputs.map(async (pictures, rung) => {
      const queue = this.#queues[rung];
      for (const picture of pictures) {
        if (queue !== undefined && this.#isWanted(picture)) await queue.push(picture);
        else picture.free();
      }
    });
    await Promise.all(handing);
  }

  #isWanted(picture: Picture): boolean {
    return picture.pts >= this.#range.from && picture.pts < this.#range.to;
  }

  /** The very first picture stands in until the better one comes, if it comes. */
  async #offerPoster(pictures: readonly Picture[]): Promise<void> {
    for (const picture of pictures) {
      const tick = Number(picture.pts);
      if (tick === 0 || tick === this.#plan.posterFrame) {
        this.#sink.poster(await encodePoster(picture));
      }
    }
  }

  [Symbol.dispose](): void {
    this.#graph?.[Symbol.dispose]();
  }
}
