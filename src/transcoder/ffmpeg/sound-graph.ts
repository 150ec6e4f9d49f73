import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_BUFFERSRC_FLAG_PUSH,
  AV_OPT_TYPE_DOUBLE,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from "node-av/constants";
import { type FilterContext, FilterGraph, Frame } from "node-av/lib";
import { check, present } from "./check.ts";
import { layoutOf } from "./sound-mix.ts";

/** Decoded sound; whoever receives it frees it. */
export type Sound = Frame;

export type SoundFormat = {
  /** AVSampleFormat number. */
  readonly sampleFormat: number;
  readonly sampleRate: number;
  /** FFmpeg's name of the channel layout, for example `5.1(side)`. */
  readonly layout: string;
};

export const soundFormatOf = (frame: Frame): SoundFormat => ({
  sampleFormat: frame.format,
  sampleRate: frame.sampleRate,
  layout: layoutOf(frame.channelLayout),
});

export const sameSound = (a: SoundFormat, b: SoundFormat): boolean =>
  a.sampleFormat === b.sampleFormat && a.sampleRate === b.sampleRate && a.layout === b.layout;

/** Sound of one format through FFmpeg's filters. Dispose it after the last call has settled. */
export class SoundGraph implements Disposable {
  readonly format: SoundFormat;
  readonly #graph: FilterGraph;
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  private constructor(
    format: SoundFormat,
    graph: FilterGraph,
    source: FilterContext,
    sink: FilterContext,
  ) {
    this.format = format;
    this.#graph = graph;
    this.#source = source;
    this.#sink = sink;
  }

  /** `filters` are FFmpeg's, in order; timestamps go in as samples of the format's rate. */
  static async open(format: SoundFormat, filters: readonly string[]): Promise<SoundGraph> {
    const graph = new FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    const text = [
      `abuffer@in=sample_fmt=${format.sampleFormat}:sample_rate=${format.sampleRate}` +
        `:channel_layout=${format.layout}:time_base=1/${format.sampleRate}`,
      ...filters,
      "abuffersink@out",
    ].join(",");
    try {
      check(graph.parse2(text), "parsing the audio filters");
      check(await graph.config(), "setting up the audio filters");
      return new SoundGraph(
        format,
        graph,
        present(graph.getFilter("abuffer@in"), "the graph's input"),
        present(graph.getFilter("abuffersink@out"), "the graph's output"),
      );
    } catch (thrown) {
      graph.free();
      throw thrown;
    }
  }

  /** Feeds sound (kept by the caller; null: the end) and returns what came out; the receiver owns the frames. */
  async push(frame: Frame | null): Promise<Frame[]> {
    const flags = AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH;
    check(await this.#source.buffersrcAddFrame(frame, flags as never), "filtering audio");
    const frames: Frame[] = [];
    for (;;) {
      const out = new Frame();
      out.alloc();
      const code = this.#sink.buffersinkGetFrameSync(out);
      if (code < 0) {
        out.free();
        if (code !== AVERROR_EAGAIN && code !== AVERROR_EOF) check(code, "filtering audio");
        return frames;
      }
      frames.push(out);
    }
  }

  /** A figure that a filter (by its name in the text, `kind@name`) has worked out. */
  figure(filter: string, name: string): number {
    const context = present(this.#graph.getFilter(filter), filter);
    return present(context.getOption(name, AV_OPT_TYPE_DOUBLE), `${filter}'s ${name}`);
  }

  [Symbol.dispose](): void {
    this.#graph.free();
  }
}
