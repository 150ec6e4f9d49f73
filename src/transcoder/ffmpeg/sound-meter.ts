import type { SoundForm } from "../plan/audio-plan.ts";
import type { Loudness } from "../plan/gain.ts";
import { formatOf, SoundConformer } from "./sound-conformer.ts";
import { type Sound, SoundGraph } from "./sound-graph.ts";

export type SoundMeasure = {
  readonly endSeconds: number;
  /** Null for silence, and for sound too short for a single measurement of 400 ms. */
  readonly loudness: Loudness | null;
};

/** The gate of BS.1770: what is not above it, or never lasted 400 ms, counts as silence. */
const GATE_LUFS = -70;

/**
 * Listens to sound as it will be encoded (resampled and mixed down) and says how long and how loud it
 * is. Dispose it after the last call has settled.
 */
export class SoundMeter implements Disposable {
  readonly #form: SoundForm;
  readonly #conformer: SoundConformer;
  readonly #graph: SoundGraph;
  readonly #onSamples: (planes: readonly Float32Array[]) => void;

  private constructor(
    form: SoundForm,
    graph: SoundGraph,
    onSamples: (planes: readonly Float32Array[]) => void,
  ) {
    this.#form = form;
    this.#conformer = new SoundConformer(form);
    this.#graph = graph;
    this.#onSamples = onSamples;
  }

  /** `onSamples` is shown all samples, a plane per channel, valid during the call alone. */
  static async open(
    form: SoundForm,
    onSamples: (planes: readonly Float32Array[]) => void = () => {},
  ): Promise<SoundMeter> {
    const meter = "ebur128@meter=peak=true:framelog=quiet";
    return new SoundMeter(form, await SoundGraph.open(formatOf(form), [meter]), onSamples);
  }

  /** Takes sound (the frame stays the caller's) that begins at `seconds`. */
  async hear(sound: Sound, seconds: number): Promise<void> {
    await this.#measure(await this.#conformer.push(sound, seconds));
  }

  /** The end of the sound; nothing can be heard after it. */
  async finish(): Promise<SoundMeasure> {
    await this.#measure(await this.#conformer.end());
    for (const rest of await this.#graph.push(null)) rest.free();
    const integratedLufs = this.#graph.figure("ebur128@meter", "integrated");
    const truePeakDbtp = this.#graph.figure("ebur128@meter", "true_peak");
    return {
      endSeconds: this.#conformer.samples / this.#form.sampleRate,
      loudness: integratedLufs > GATE_LUFS ? { integratedLufs, truePeakDbtp } : null,
    };
  }

  async #measure(frames: Sound[]): Promise<void> {
    for (const frame of frames) {
      try {
        this.#onSamples(planesOf(frame));
        for (const heard of await this.#graph.push(frame)) heard.free();
      } finally {
        frame.free();
      }
    }
  }

  [Symbol.dispose](): void {
    this.#conformer[Symbol.dispose]();
    this.#graph[Symbol.dispose]();
  }
}

/** Planar float samples without the padding that FFmpeg adds to its buffers. */
const planesOf = (frame: Sound): Float32Array[] =>
  (frame.data ?? [])
    .slice(0, frame.channels)
    .map(({ buffer, byteOffset }) => new Float32Array(buffer, byteOffset, frame.nbSamples));
