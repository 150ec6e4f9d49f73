import { Type } from "@sinclair/typebox";
import { DEFAULT_LOUDNESS_LUFS, LOUDNESS_PATTERN } from "../loudness.ts";

/** What a transcode is allowed and asked for. */
export const jobSettings = {
  MAX_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 20,
    description: "Tries of one transcode before the video is marked failed.",
  }),
  LEASE_SECONDS: Type.Integer({
    default: 30,
    minimum: 3,
    maximum: 3600,
    description: "A transcoder that reports nothing for so long is given up and tried again.",
  }),
  MAX_DURATION_SECONDS: Type.Integer({
    default: 43_200,
    minimum: 1,
    maximum: 604_800,
    description: "Longest video that is accepted, in seconds.",
  }),
  LOUDNESS: Type.String({
    default: String(DEFAULT_LOUDNESS_LUFS),
    pattern: LOUDNESS_PATTERN,
    description:
      "Loudness that the sound of every video is brought to by one gain, in LUFS (EBU R 128), from -40 to -5; off leaves it as it is.",
  }),
};
