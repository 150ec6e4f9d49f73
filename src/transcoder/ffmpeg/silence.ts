import { AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P } from "node-av/constants";
import { Frame } from "node-av/lib";
import { check } from "./check.ts";
import type { Sound } from "./sound-graph.ts";

/** Silence in the form of `like`; whoever receives it frees it. */
export const silence = (like: Sound, samples: number): Sound => {
  const frame = new Frame();
  frame.alloc();
  frame.format = like.format;
  frame.sampleRate = like.sampleRate;
  frame.channelLayout = like.channelLayout;
  frame.nbSamples = samples;
  check(frame.getBuffer(0), "allocating silence");
  // Unsigned samples are silent in the middle of their range, all others at zero.
  const isUnsigned = like.format === AV_SAMPLE_FMT_U8 || like.format === AV_SAMPLE_FMT_U8P;
  for (const plane of frame.extendedData ?? frame.data ?? []) plane.fill(isUnsigned ? 0x80 : 0);
  return frame;
};
