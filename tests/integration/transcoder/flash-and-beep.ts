import { join } from "node:path";
import { risingEdges } from "./hearing.ts";
import { joinTrack, run } from "./judge.ts";

/** More of the frame than any drawn picture lights up. */
const FLASH_LUMA = 190;

/** A third of the beep's height; noise and codec ringing stay far below. */
const BEEP_LEVEL = 0.25;

/** Seconds at which flashes and beeps begin in a presentation, as a second decoder finds them. */
export const flashesAndBeeps = async (
  presentation: string,
  scratchFolder: string,
  rate: number,
  track = { video: "v/360", audio: "a/und" },
): Promise<{ flashes: number[]; beeps: number[] }> => {
  const picture = await joinTrack(join(presentation, track.video), join(scratchFolder, "fb-v.mp4"));
  const sound = await joinTrack(join(presentation, track.audio), join(scratchFolder, "fb-a.mp4"));
  return { flashes: await flashesIn(picture, rate), beeps: await beepsIn(sound) };
};

export const flashesIn = async (path: string, rate: number): Promise<number[]> => {
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -copyts -i".split(" "),
    path,
    ...`-map 0:v:0 -vf fps=${rate}:start_time=0,scale=1:1:flags=area,format=gray -f rawvideo -`.split(
      " ",
    ),
  ]);
  return risingEdges(out, (luma) => luma > FLASH_LUMA, rate);
};

export const beepsIn = async (path: string): Promise<number[]> => {
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -copyts -i".split(" "),
    path,
    ..."-map 0:a:0 -af aresample=48000:async=1:first_pts=0 -ac 1 -f f32le -".split(" "),
  ]);
  const samples = new Float32Array(out.buffer, out.byteOffset, Math.floor(out.length / 4));
  return risingEdges(envelope(samples), (level) => level > BEEP_LEVEL, 1000);
};

/** Peak of every millisecond at 48 kHz. */
export const envelope = (samples: Float32Array): number[] => {
  const levels: number[] = [];
  for (let start = 0; start < samples.length; start += 48) {
    levels.push(Math.max(...samples.subarray(start, start + 48).map(Math.abs)));
  }
  return levels;
};
