import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_BUFFERSRC_FLAG_PUSH,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from "node-av/constants";
import { avChannelLayoutDescribe, type FilterContext, FilterGraph, Frame } from "node-av/lib";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { check, present } from "./check.ts";

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
  layout: layoutName(frame),
});

/** Some files name a number of channels but no arrangement; FFmpeg's default for it is meant. */
const layoutName = (frame: Frame): string => {
  const described = avChannelLayoutDescribe(frame.channelLayout);
  return described === null || described.includes("channels") ? `${frame.channels}c` : described;
};

export const sameSound = (a: SoundFormat, b: SoundFormat): boolean =>
  a.sampleFormat === b.sampleFormat && a.sampleRate === b.sampleRate && a.layout === b.layout;

/**
 * Turns any sound into frames of 1024 samples in the encoder's form. Gaps become silence and overlaps
 * are trimmed, so that sample `n` is heard at `n / sampleRate` whatever the source's timestamps do.
 */
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

  /** `firstSample` is the time, in output samples, from which the graph fills: 0, or where a former graph ended. */
  static async open(
    format: SoundFormat,
    plan: AudioPlan,
    firstSample: number,
  ): Promise<SoundGraph> {
    const graph = new FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    const layout = plan.channels === 1 ? "mono" : "stereo";
    const text = [
      `abuffer@in=sample_fmt=${format.sampleFormat}:sample_rate=${format.sampleRate}` +
        `:channel_layout=${format.layout}:time_base=1/${format.sampleRate}`,
      `aresample=${plan.sampleRate}:async=1:first_pts=${firstSample}:ochl=${layout}:osf=fltp`,
      `aformat=sample_fmts=fltp:channel_layouts=${layout}:sample_rates=${plan.sampleRate}`,
      "asetnsamples=n=1024:p=0",
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

  [Symbol.dispose](): void {
    this.#graph.free();
  }
}
