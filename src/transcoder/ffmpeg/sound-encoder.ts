import type { Packet } from "node-av/lib";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { AUDIO } from "../plan/ladder.ts";
import { AudioEncoder } from "./audio-encoder.ts";
import { FragmentMuxer } from "./fragment-muxer.ts";
import { MuxerOutput } from "./muxer-output.ts";
import { formatOf, SoundConformer } from "./sound-conformer.ts";
import { type Sound, SoundGraph } from "./sound-graph.ts";

/** Sound that comes out as closed segments: conformed, amplified, encoded and cut. Dispose it after the last call has settled. */
export class SoundEncoder implements Disposable {
  readonly #plan: AudioPlan;
  readonly #conformer: SoundConformer;
  readonly #graph: SoundGraph;
  readonly #encoder: AudioEncoder;
  readonly #muxer: FragmentMuxer;
  readonly #output: MuxerOutput;
  readonly #boundary: (segment: number) => number;
  #segment = 0;
  #isSegmentEmpty = true;

  private constructor(
    plan: AudioPlan,
    graph: SoundGraph,
    encoder: AudioEncoder,
    muxer: FragmentMuxer,
    output: MuxerOutput,
    boundary: (segment: number) => number,
  ) {
    this.#plan = plan;
    this.#conformer = new SoundConformer(plan);
    this.#graph = graph;
    this.#encoder = encoder;
    this.#muxer = muxer;
    this.#output = output;
    this.#boundary = boundary;
  }

  /** `boundary` gives the first sample of a segment, counted from 0. */
  static async open(plan: AudioPlan, boundary: (segment: number) => number): Promise<SoundEncoder> {
    const graph = await SoundGraph.open(formatOf(plan), [
      ...(plan.gainDb === 0 ? [] : [`volume=${plan.gainDb}dB:precision=float`]),
      `asetnsamples=n=${AUDIO.frameSamples}:p=0`,
    ]);
    const output = new MuxerOutput();
    let encoder: AudioEncoder | null = null;
    try {
      encoder = await AudioEncoder.open(plan);
      const muxer = await FragmentMuxer.open({
        describe: encoder.describe,
        output,
        timescale: plan.sampleRate,
        firstFragment: 1,
        language: plan.language,
      });
      return new SoundEncoder(plan, graph, encoder, muxer, output, boundary);
    } catch (thrown) {
      graph[Symbol.dispose]();
      output[Symbol.dispose]();
      encoder?.[Symbol.dispose]();
      throw thrown;
    }
  }

  /** ftyp and moov; there after the first closed segment. */
  get init(): Uint8Array {
    return this.#muxer.header;
  }

  /** Takes sound (the frame stays the caller's) that begins at `seconds`; yields segments that are closed by it. */
  async *encode(sound: Sound, seconds: number): AsyncGenerator<Uint8Array> {
    yield* this.#finishSound(await this.#conformer.push(sound, seconds));
  }

  /** Yields what is left, with silence up to `leastSeconds`; nothing when no sound ever came. */
  async *finish(leastSeconds: number): AsyncGenerator<Uint8Array> {
    yield* this.#finishSound(await this.#conformer.end());
    if (this.#conformer.samples === 0) return;
    const least = Math.round(leastSeconds * this.#plan.sampleRate);
    for (const silence of this.#conformer.silenceUntil(least)) yield* this.#finishSound([silence]);
    yield* this.#encodeAll(await this.#graph.push(null));
    yield* this.#write(await this.#encoder.encode(null));
    if (!this.#isSegmentEmpty) yield await this.#muxer.cut();
  }

  async *#finishSound(sounds: readonly Sound[]): AsyncGenerator<Uint8Array> {
    for (const sound of sounds) {
      try {
        yield* this.#encodeAll(await this.#graph.push(sound));
      } finally {
        sound.free();
      }
    }
  }

  async *#encodeAll(frames: readonly Sound[]): AsyncGenerator<Uint8Array> {
    for (const frame of frames) {
      try {
        yield* this.#write(await this.#encoder.encode(frame));
      } finally {
        frame.free();
      }
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
    this.#conformer[Symbol.dispose]();
    this.#graph[Symbol.dispose]();
    this.#muxer[Symbol.dispose]();
    this.#output[Symbol.dispose]();
    this.#encoder[Symbol.dispose]();
  }
}
