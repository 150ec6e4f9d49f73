import { AV_CHANNEL_ORDER_NATIVE, AV_CHANNEL_ORDER_UNSPEC } from "node-av/constants";
import { avChannelLayoutDescribe, type ChannelLayout } from "node-av/lib";
import type { SoundForm } from "../plan/audio-plan.ts";

/**
 * ITU-R BS.775-3, table 2: centre and surrounds come to each side 3 dB lower, the LFE channel is left
 * out (it only repeats what small speakers cannot play). `rematrix_maxval` scales the whole down until
 * all channels at full scale together are full scale, so that nothing can clip.
 */
const DOWNMIX = "clev=0.7071:slev=0.7071:lfe_mix_level=0:rematrix_maxval=1";

/** How the channels of a frame are named in a filter's text. */
export const layoutOf = (layout: ChannelLayout): string => {
  const described = avChannelLayoutDescribe(layout);
  if (described !== null && !/[ ]/.test(described)) return described;
  // A combination without a name is given by its mask.
  if (layout.order === AV_CHANNEL_ORDER_NATIVE) return `0x${layout.mask.toString(16)}`;
  return `${layout.nbChannels}c`;
};

/** A layout that says how many channels there are and nothing more. */
export const withoutPlaces = ({ nbChannels }: ChannelLayout): ChannelLayout => ({
  order: AV_CHANNEL_ORDER_UNSPEC,
  nbChannels,
  mask: 0n,
});

/** FFmpeg's name for `withoutPlaces`. */
export const namelessLayout = (channels: number): string => `${channels}C`;

/**
 * Filters that bring sound to the form's channels and rate, with what is missing filled in from
 * sample `first` on.
 */
export const conformingFilters = (form: SoundForm, first: number): string[] => {
  const layout = form.channels === 1 ? "mono" : "stereo";
  return [
    `aresample=${form.sampleRate}:async=1:first_pts=${first}:ochl=${layout}:osf=fltp:${DOWNMIX}`,
    `aformat=sample_fmts=fltp:channel_layouts=${layout}:sample_rates=${form.sampleRate}`,
  ];
};

/** Channels of which nobody says where they belong: taken in turns to the left and to the right, as pairs mostly are. */
export const spreadingFilter = (channels: number, form: SoundForm): string => {
  const mean = (indices: readonly number[]): string =>
    indices.map((index) => `${1 / indices.length}*c${index}`).join("+");
  const all = Array.from({ length: channels }, (_, index) => index);
  if (form.channels === 1) return `pan=mono|c0=${mean(all)}`;
  const side = (remainder: number) => all.filter((index) => index % 2 === remainder);
  return `pan=stereo|c0=${mean(side(0))}|c1=${mean(channels > 1 ? side(1) : all)}`;
};
