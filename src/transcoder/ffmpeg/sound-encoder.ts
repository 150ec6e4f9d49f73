import type { Packet } from "node-av/lib";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { AudioEncoder } from "./audio-encoder.ts";
import { FragmentMuxer } from "./fragment-muxer.ts";
import { MuxerOutput } from "./muxer-output.ts";
import { type Sound, SoundGraph, sameSound, soundFormatOf } from "./sound-graph.ts";

/** Sound that comes out as closed segments: resampled, encoded and cut. Dispose it after the last call has settled. */
export class SoundEncoder implements Disposable {
  readonly #plan: AudioPlan;
  readonly #encoder: AudioEncoder;
  readonly #muxer: FragmentMuxer;
  readonly #output: MuxerOutput;
  readonly #boundary: (segment: number) => number;
  #graph: SoundGraph | null = null;
  #nextSample = 0;
  #segment = 0;
  #isSegmentEmpty = true;

  private constructor(
    plan: AudioPlan,
    encoder: AudioEncoder,
    muxer: FragmentMuxer,
    output: MuxerOutput,
    boundary: (segment: number) => number,
  ) {
    this.#plan = plan;
    this.#encoder = encoder;
    this.#muxer = muxer;
    this.#output = output;
    this.#boundary = boundary;
  }

  /** `boundary` gives the first sample of a segment, counted from 0. */
  static async open(plan: AudioPlan, boundary: (segment: number) => number): Promise<SoundEncoder> {
    const encoder = await AudioEncoder.open(plan);
    const output = new MuxerOutput();
    try {
      const muxer = await FragmentMuxer.open({
        describe: encoder.describe,
        output,
        timescale: plan.sampleRate,
        firstFragment: 1,
        language: plan.language,
      });
      return new SoundEncoder(plan, encoder, muxer, output, boundary);
    } catch (thrown) {
      output[Symbol.dispose]();
      encoder[Symbol.dispose]();
      throw thrown;
    }
  }

  /** ftyp and moov; there after the first closed segment. */
  get init(): Uint8Array {
    return this.#muxer.header;
  }

  /** Takes sound (the frame stays the caller's) that begins at `seconds`; yields segments that are closed by it. */
  async *encode(sound: Sound, seconds: number): AsyncGenerator<Uint8Array> {
    const format = soundFormatOf(sound);
    if (this.#graph === null || !sameSound(this.#graph.format, format)) {
      yield* this.#endGraph();
      this.#graph = await SoundGraph.open(format, this.#plan, this.#nextSample);
    }
    sound.pts = BigInt(Math.round(seconds * format.sampleRate));
    for (const frame of await this.#graph.push(sound)) yield* this.#encodeFrame(frame);
  }

  /** Yields what is left. */
  async *finish(): AsyncGenerator<Uint8Array> {
    yield* this.#endGraph();
    yield* this.#write(await this.#encoder.encode(null));
    if (!this.#isSegmentEmpty) yield await this.#muxer.cut();
  }

  async *#endGraph(): AsyncGenerator<Uint8Array> {
    const graph = this.#graph;
    if (graph === null) return;
    const frames = await graph.push(null);
    this.#graph = null;
    graph[Symbol.dispose]();
    for (const frame of frames) yield* this.#encodeFrame(frame);
  }

  async *#encodeFrame(frame: Sound): AsyncGenerator<Uint8Array> {
    try {
      // A graph that was rebuilt on the way continues where the former one ended.
      frame.pts = BigInt(this.#nextSample);
      this.#nextSample += frame.nbSamples;
      yield* this.#write(await this.#encoder.encode(frame));
    } finally {
      frame.free();
    }
  }

  async *#write(packets: Packet[]): AsyncGenerator<Uint8Array> {
    for (const packet of packets) {
      if (Number(packet.pts) >= this.#boundary(this.#segment + 1)) {
        this.#segment += 1;
        this.#isSegmentEmpty = true;
        yield await this.#muxer.cut();
      }
      this.#muxer.write(packet);
      this.#isSegmentEmpty = false;
      packet.free();
    }
  }

  [Symbol.dispose](): void {
    this.#graph?.[Symbol.dispose]();
    this.#muxer[Symbol.dispose]();
    this.#output[Symbol.dispose]();
    this.#encoder[Symbol.dispose]();
  }
}
