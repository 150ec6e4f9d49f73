import { formatOf, type Picture, PictureGraph, sameFormat } from "../ffmpeg/picture-graph.ts";
import type { PicturedPlan } from "../plan/plan.ts";
import type { BoundedQueue } from "./bounded-queue.ts";
import { filterText, label } from "./filter-text.ts";
import type { Showing } from "./frame-clock.ts";
import type { PictureState } from "./picture-state.ts";
import { PosterChoice } from "./poster-choice.ts";
import type { SegmentRange } from "./render.ts";
import type { SegmentSink } from "./segment-sink.ts";
import { Storyboard } from "./storyboard.ts";

/** The poster comes from the highest rung up to this size. */
const POSTER_MAX_SHORT_SIDE = 720;

/**
 * Filters each picture once and gives every rung its size. The filters are rebuilt when a source
 * changes its size or format on the way. Dispose it after the last call has settled.
 */
export class PictureCascade implements Disposable {
  readonly #plan: PicturedPlan;
  readonly #queues: readonly (BoundedQueue<Showing<Picture>> | null)[];
  readonly #posterRung: number;
  readonly #poster: PosterChoice;
  /** Null for a run of a part, unless it goes on with an earlier one: a sheet may span its ends. */
  readonly #storyboard: Storyboard | null;
  #graph: PictureGraph | null = null;
  #shown = 0;

  /** One queue per rung; null for one whose pictures nobody wants. */
  constructor(
    plan: PicturedPlan,
    range: SegmentRange,
    queues: readonly (BoundedQueue<Showing<Picture>> | null)[],
    sink: SegmentSink,
    resumed: PictureState | null = null,
  ) {
    this.#plan = plan;
    this.#queues = queues;
    this.#poster = new PosterChoice(plan.posterFrames, sink, resumed?.poster ?? null);
    const isWhole = range.from === 0 && range.to === Number.POSITIVE_INFINITY;
    this.#storyboard =
      (isWhole || resumed !== null) && plan.storyboard !== null
        ? new Storyboard(plan.storyboard, sink, resumed?.storyboard ?? null)
        : null;
    this.#posterRung = plan.rungs.findLastIndex(
      ({ width, height }) => Math.min(width, height) <= POSTER_MAX_SHORT_SIDE,
    );
  }

  /** Pictures given to the rungs so far. */
  get shown(): number {
    return this.#shown;
  }

  /** What poster and thumbnails have become of them. */
  get state(): Pick<PictureState, "poster" | "storyboard"> {
    return { poster: this.#poster.state, storyboard: this.#storyboard?.state ?? null };
  }

  /**
   * Shows a picture, which stays the caller's, at these ticks; waits while a rung's queue is full. It is
   * filtered once, however long it is shown.
   */
  async show({ picture, from, to }: Showing<Picture>): Promise<void> {
    const format = formatOf(picture);
    if (this.#graph === null || !sameFormat(this.#graph.format, format)) {
      this.#closeGraph();
      this.#graph = await this.#open(format);
    }
    picture.pts = BigInt(from);
    // Every filter here gives one picture for one picture, at once.
    const outputs = (await this.#graph.push(picture)).map(([output]) => output);
    const [small] = outputs;
    if (small !== undefined) {
      await this.#poster.offer({ picture: outputs[this.#posterRung] ?? small, from, to }, small);
      await this.#storyboard?.show({ picture: small, from, to });
    }
    this.#shown += to - from;
    const handing = this.#queues.map(async (queue, rung) => {
      const output = outputs[rung];
      if (output === undefined) throw new Error("the filters hold a picture back");
      if (queue === null) output.free();
      else await queue.push({ picture: output, from, to });
    });
    await Promise.all(handing);
  }

  #open(format: ReturnType<typeof formatOf>): Promise<PictureGraph> {
    const { picture, rungs } = this.#plan;
    return PictureGraph.open(format, filterText(format, picture, rungs), rungs.map(label));
  }

  /** No picture comes any more. */
  async end(): Promise<void> {
    await this.#storyboard?.end();
  }

  [Symbol.dispose](): void {
    this.#closeGraph();
    this.#storyboard?.[Symbol.dispose]();
  }

  #closeGraph(): void {
    this.#graph?.[Symbol.dispose]();
    this.#graph = null;
  }
}
