import { AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P } from "node-av/constants";
import { avChannelLayoutDefault, type ChannelLayout, Frame } from "node-av/lib";
import { check } from "./check.ts";
import type { Sound, SoundFormat } from "./sound-graph.ts";

/** Silence in the form of `like`; whoever receives it frees it. */
export const silence = (like: Sound, samples: number): Sound =>
  allocate(
    { sampleFormat: like.format, sampleRate: like.sampleRate, layout: like.channelLayout },
    samples,
  );

/** Silence of a format with FFmpeg's default layout for `channels`; whoever receives it frees it. */
export const silenceOf = (format: SoundFormat, channels: number, samples: number): Sound =>
  allocate({ ...format, layout: avChannelLayoutDefault(channels) }, samples);

const allocate = (
  { sampleFormat, sampleRate, layout }: Omit<SoundFormat, "layout"> & { layout: ChannelLayout },
  samples: number,
): Sound => {
  const frame = new Frame();
  frame.alloc();
  frame.format = sampleFormat as Sound["format"];
  frame.sampleRate = sampleRate;
  frame.channelLayout = layout;
  frame.nbSamples = samples;
  check(frame.getBuffer(0), "allocating silence");
  // Unsigned samples are silent in the middle of their range, all others at zero.
  const isUnsigned = sampleFormat === AV_SAMPLE_FMT_U8 || sampleFormat === AV_SAMPLE_FMT_U8P;
  for (const plane of frame.extendedData ?? frame.data ?? []) plane.fill(isUnsigned ? 0x80 : 0);
  return frame;
};
