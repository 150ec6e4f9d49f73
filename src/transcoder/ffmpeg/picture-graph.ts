import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_BUFFERSRC_FLAG_PUSH,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from "node-av/constants";
import { type FilterContext, FilterGraph, Frame } from "node-av/lib";
import { check, present } from "./check.ts";

/** A decoded or filtered picture; whoever receives one frees it. */
export type Picture = Frame;

/** What the graph has to be rebuilt for when it changes within a stream. */
export type PictureFormat = {
  readonly width: number;
  readonly height: number;
  /** AVPixelFormat number. */
  readonly pixelFormat: number;
  readonly colorSpace: number;
  readonly colorRange: number;
};

/** The format of a decoded frame. */
export const formatOf = (frame: Frame): PictureFormat => ({
  width: frame.width,
  height: frame.height,
  pixelFormat: frame.format,
  colorSpace: frame.colorSpace,
  colorRange: frame.colorRange,
});

export const sameFormat = (a: PictureFormat, b: PictureFormat): boolean =>
  a.width === b.width &&
  a.height === b.height &&
  a.pixelFormat === b.pixelFormat &&
  a.colorSpace === b.colorSpace &&
  a.colorRange === b.colorRange;

const PUSH_FLAGS = AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH;

/** One picture in, one picture per output out. The whole cascade runs in a single call on another thread. */
export class PictureGraph implements Disposable {
  readonly format: PictureFormat;
  readonly #graph: FilterGraph;
  readonly #source: FilterContext;
  readonly #sinks: readonly FilterContext[];

  private constructor(
    format: PictureFormat,
    graph: FilterGraph,
    source: FilterContext,
    sinks: readonly FilterContext[],
  ) {
    this.format = format;
    this.#graph = graph;
    this.#source = source;
    this.#sinks = sinks;
  }

  /** `body` is FFmpeg's filter language between `[in]` and the `outputs` labels. */
  static async open(
    format: PictureFormat,
    body: string,
    outputs: readonly string[],
  ): Promise<PictureGraph> {
    const graph = new FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    const source = [
      `buffer@in=video_size=${format.width}x${format.height}`,
      `pix_fmt=${format.pixelFormat}`,
      "time_base=1/1",
      "pixel_aspect=1/1",
      `colorspace=${format.colorSpace}`,
      `range=${format.colorRange}`,
    ].join(":");
    const sinks = outputs.map((label) => `[${label}]buffersink@${label}`);
    try {
      check(graph.parse2([`${source}[in]`, body, ...sinks].join(";")), "parsing the filters");
      check(await graph.config(), "setting up the filters");
      return new PictureGraph(
        format,
        graph,
        present(graph.getFilter("buffer@in"), "the graph's input"),
        outputs.map((label) => present(graph.getFilter(`buffersink@${label}`), label)),
      );
    } catch (thrown) {
      graph.free();
      throw thrown;
    }
  }

  /** Feeds a frame (kept by the caller; null: the end) and returns the pictures that came out, by output. */
  async push(frame: Frame | null): Promise<Frame[][]> {
    check(await this.#source.buffersrcAddFrame(frame, PUSH_FLAGS as never), "filtering");
    return this.#sinks.map(takeAll);
  }

  /** The same on this thread, for filters that will only pass the frame on. */
  pushSync(frame: Frame): Frame[][] {
    check(this.#source.buffersrcAddFrameSync(frame, PUSH_FLAGS as never), "filtering");
    return this.#sinks.map(takeAll);
  }

  [Symbol.dispose](): void {
    this.#graph.free();
  }
}

const takeAll = (sink: FilterContext): Frame[] => {
  const frames: Frame[] = [];
  for (;;) {
    const frame = new Frame();
    frame.alloc();
    const code = sink.buffersinkGetFrameSync(frame);
    if (code < 0) {
      frame.free();
      if (code !== AVERROR_EAGAIN && code !== AVERROR_EOF) check(code, "filtering");
      return frames;
    }
    frames.push(frame);
  }
};
