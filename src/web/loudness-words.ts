import type { VideoBody } from "../http/schemas.ts";

type Sound = VideoBody["sound"][number];

/** Smaller changes than this are none to the ear, in dB. */
const AUDIBLE_DB = 0.05;

/** How loud a track of the original is and what was done about it: `-23.1 LUFS, raised by 7.1 dB`. */
export const loudnessWords = ({ integratedLufs, gainDb }: Sound): string => {
  if (integratedLufs === null) return "too quiet or too short to measure";
  const measured = `${integratedLufs.toFixed(1)} LUFS`;
  if (Math.abs(gainDb) < AUDIBLE_DB) return `${measured}, left as it is`;
  const change = gainDb > 0 ? "raised" : "lowered";
  return `${measured}, ${change} by ${Math.abs(gainDb).toFixed(1)} dB`;
};

/** `stereo`, `mono`, or the number of channels. */
export const channelWords = ({ channels }: Sound): string =>
  ["mono", "stereo"][channels - 1] ?? `${channels} channels`;
