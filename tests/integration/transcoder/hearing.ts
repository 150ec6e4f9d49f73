import { run } from "./judge.ts";

/** Rate at which everything is listened to, in samples per second. */
export const RATE = 48_000;

/**
 * Decodes a file's sound with the system's ffmpeg, a decoder that is not the one under test; one array
 * per channel, from presentation time zero on.
 */
export const hear = async (path: string, track = 0): Promise<Float32Array[]> => {
  const { out: facts } = await run([
    ..."/usr/bin/ffprobe -v error -of csv=p=0 -show_entries stream=channels".split(" "),
    ...["-select_streams", `a:${track}`, path],
  ]);
  const channels = Number.parseInt(facts.toString(), 10);
  const { out } = await run([
    ...["/usr/bin/ffmpeg", "-v", "error", "-copyts", "-i", path, "-map", `0:a:${track}`],
    ...`-af aresample=${RATE}:async=1:first_pts=0 -f f32le -`.split(" "),
  ]);
  const interleaved = new Float32Array(out.buffer, out.byteOffset, out.length / 4);
  return Array.from({ length: channels }, (_, channel) =>
    interleaved.filter((_sample, index) => index % channels === channel),
  );
};

/** Amplitude of one frequency within a stretch of sound (Goertzel's algorithm under a Hann window). */
export const toneLevel = (
  samples: Float32Array,
  frequency: number,
  { from = 0, seconds = samples.length / RATE }: { from?: number; seconds?: number } = {},
): number => {
  const start = Math.round(from * RATE);
  const length = Math.min(Math.round(seconds * RATE), samples.length - start);
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / RATE);
  let [before, last] = [0, 0];
  for (let index = 0; index < length; index += 1) {
    const window = 1 - Math.cos((2 * Math.PI * index) / length);
    const next = (samples[start + index] ?? 0) * window + coefficient * last - before;
    before = last;
    last = next;
  }
  const power = before * before + last * last - coefficient * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / length;
};

/** Root mean square of a stretch of sound. */
export const rms = (samples: Float32Array, from: number, seconds: number): number => {
  const part = samples.subarray(Math.round(from * RATE), Math.round((from + seconds) * RATE));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
};

/** Ratio of amplitudes in decibels. */
export const decibels = (ratio: number): number => 20 * Math.log10(ratio);

/** Seconds at which beeps begin: the peak of a millisecond rises above `level` after a fifth of a second below it. */
export const beepsIn = (samples: Float32Array, level = 0.1): number[] => {
  const step = RATE / 1000;
  const peaks: number[] = [];
  for (let start = 0; start < samples.length; start += step) {
    peaks.push(Math.max(...samples.subarray(start, start + step).map(Math.abs)));
  }
  return risingEdges(peaks, (peak) => peak > level, 1000);
};

/** Seconds at which pictures turn white in a file's video, which is resampled to `rate` from time zero on. */
export const flashesIn = async (path: string, rate: number): Promise<number[]> => {
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -copyts -i".split(" "),
    path,
    ..."-vf".split(" "),
    `fps=${rate}:start_time=0,scale=1:1,format=gray`,
    ..."-f rawvideo -".split(" "),
  ]);
  return risingEdges(out, (luma) => luma > 100, rate);
};

/** Seconds at which `isOn` turns true after it was off for a fifth of a second, or from the start. */
export const risingEdges = (
  values: ArrayLike<number>,
  isOn: (value: number) => boolean,
  rate: number,
): number[] => {
  const edges: number[] = [];
  let lastOn = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    if (!isOn(values[index] ?? 0)) continue;
    if (index - lastOn > rate / 5) edges.push(index / rate);
    lastOn = index;
  }
  return edges;
};
