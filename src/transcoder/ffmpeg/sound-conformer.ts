import { AV_SAMPLE_FMT_FLTP } from "node-av/constants";
import type { SoundForm } from "../plan/audio-plan.ts";
import { AvError } from "./check.ts";
import { silenceOf } from "./silence.ts";
import {
  type Sound,
  type SoundFormat,
  SoundGraph,
  sameSound,
  soundFormatOf,
} from "./sound-graph.ts";
import { conformingFilters, namelessLayout, spreadingFilter, withoutPlaces } from "./sound-mix.ts";

/** How sound of this form looks to a filter graph. */
export const formatOf = ({ channels, sampleRate }: SoundForm): SoundFormat => ({
  sampleFormat: AV_SAMPLE_FMT_FLTP,
  sampleRate,
  layout: channels === 1 ? "mono" : "stereo",
});

/**
 * Turns any sound into one form without a hole, from zero on: gaps become silence and overlaps are
 * trimmed, so that sample `n` is heard at `n / sampleRate` whatever the source's timestamps do. What
 * measures and what encodes both listen to this, and so to the same samples. Dispose it after the
 * last call has settled.
 */
export class SoundConformer implements Disposable {
  readonly #form: SoundForm;
  #graph: SoundGraph | null = null;
  /** Of the sound that the graph was made for. */
  #format: SoundFormat | null = null;
  #samples = 0;

  constructor(form: SoundForm) {
    this.#form = form;
  }

  /** Samples given out so far: where the sound ends. */
  get samples(): number {
    return this.#samples;
  }

  /** Takes sound (the frame stays the caller's) that begins at `seconds`; the receiver owns the frames. */
  async push(sound: Sound, seconds: number): Promise<Sound[]> {
    const format = soundFormatOf(sound);
    const before: Sound[] = [];
    if (this.#graph === null || this.#format === null || !sameSound(this.#format, format)) {
      before.push(...(await this.end()));
      this.#graph = await this.#open(format, sound.channels);
      this.#format = format;
    }
    if (this.#graph.format.layout !== format.layout) {
      sound.channelLayout = withoutPlaces(sound.channelLayout);
    }
    sound.pts = BigInt(Math.round(seconds * format.sampleRate));
    return [...before, ...this.#count(await this.#graph.push(sound))];
  }

  /** What the filters still hold. */
  async end(): Promise<Sound[]> {
    const graph = this.#graph;
    if (graph === null) return [];
    this.#graph = null;
    try {
      return this.#count(await graph.push(null));
    } finally {
      graph[Symbol.dispose]();
    }
  }

  /** Silence up to this sample, in pieces of a second; only after `end`. */
  *silenceUntil(sample: number): Generator<Sound> {
    const format = formatOf(this.#form);
    while (this.#samples < sample) {
      const samples = Math.min(sample - this.#samples, this.#form.sampleRate);
      yield* this.#count([silenceOf(format, this.#form.channels, samples)]);
    }
  }

  /** A graph that is made anew on the way fills from where the former one ended. */
  async #open(format: SoundFormat, channels: number): Promise<SoundGraph> {
    const filters = conformingFilters(this.#form, this.#samples);
    try {
      return await SoundGraph.open(format, filters);
    } catch (thrown) {
      if (!(thrown instanceof AvError)) throw thrown;
      // FFmpeg knows no mix for this arrangement: take the channels without it.
      const spread = spreadingFilter(channels, this.#form);
      const nameless = { ...format, layout: namelessLayout(channels) };
      return SoundGraph.open(nameless, [spread, ...filters]);
    }
  }

  #count(frames: Sound[]): Sound[] {
    for (const frame of frames) {
      frame.pts = BigInt(this.#samples);
      this.#samples += frame.nbSamples;
    }
    return frames;
  }

  [Symbol.dispose](): void {
    this.#graph?.[Symbol.dispose]();
  }
}
