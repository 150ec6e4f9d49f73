import {
  AV_FRAME_FLAG_INTERLACED,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_DISCARD,
  AVDISCARD_ALL,
  AVDISCARD_DEFAULT,
} from "node-av/constants";
import { Packet, type Stream } from "node-av/lib";
import { Decoder } from "./decoder.ts";
import { type FirstPicture, firstPicture } from "./first-picture.ts";
import type { MediaInput } from "./media-input.ts";

export type PictureSample = {
  /** Times in seconds of consecutive pictures, rising, at some places of the file. */
  readonly times: readonly (readonly number[])[];
  /** Whether at least half of the first pictures are interlaced. */
  readonly interlaced: boolean;
  /** The first picture that could be decoded; null without one. */
  readonly first: FirstPicture | null;
};

export type SampleRequest = {
  /** Look at the flags of the first pictures; it takes decoding more than one of them. */
  readonly withFlags: boolean;
  /** Further places to look at, in seconds; empty where a seek could mean reading the whole file. */
  readonly laterSeconds: readonly number[];
};

/** Packets of the stream at each place: five seconds at 30 per second, so that even millisecond clocks tell 24 from 23.976. */
const PACKETS = 150;

/** Packets of a later place, which only has to agree with the first. */
const LATER_PACKETS = 60;

/** Most packets of all streams that are read at one place. */
const MOST_READ = 2000;

/** Pictures that are decoded for their flags: past a title or black that was inserted as progressive. */
const DECODED = 24;

/** Pictures may come this much later than they are decoded (H.264's largest reordering), so the last times have holes. */
const REORDERED = 16;

/** Fewer pictures than this part of the packets: each packet is one field of a picture. */
const FIELD_PACKETS = 0.6;

/** Reads a bounded number of packets and says how the pictures follow one another. */
export const samplePictures = async (
  input: MediaInput,
  stream: Stream,
  { withFlags, laterSeconds }: SampleRequest,
): Promise<PictureSample> => {
  const others = input.context.streams.filter(
    ({ index, discard }) => index !== stream.index && discard !== AVDISCARD_ALL,
  );
  for (const other of others) other.discard = AVDISCARD_ALL;
  try {
    const decoder = await Decoder.open(stream, 1);
    const wanted = withFlags ? DECODED : 1;
    let flags: Flags;
    let first: number[];
    try {
      ({ flags, times: first } = await readPlace(input, stream, PACKETS, { decoder, wanted }));
    } finally {
      decoder[Symbol.dispose]();
    }
    const times = [first];
    const tick = stream.timeBase.num / stream.timeBase.den;
    for (const seconds of laterSeconds) {
      if (!(await input.seek(stream.index, BigInt(Math.floor(seconds / tick))))) break;
      times.push((await readPlace(input, stream, LATER_PACKETS, null)).times);
    }
    const isPerField = flags.pictures > 1 && flags.pictures < flags.packets * FIELD_PACKETS;
    return {
      times: isPerField ? times.map((each) => each.filter((_, index) => index % 2 === 0)) : times,
      first: flags.first,
      interlaced: flags.pictures > 0 && flags.interlaced >= flags.pictures / 2,
    };
  } finally {
    for (const other of others) other.discard = AVDISCARD_DEFAULT;
  }
};

/** What the decoder said: pictures out, packets in until the last of them was out. */
type Flags = {
  first: FirstPicture | null;
  pictures: number;
  interlaced: number;
  packets: number;
};

/** Decode until this many pictures are out. */
type Decoding = { readonly decoder: Decoder; readonly wanted: number };

const readPlace = async (
  input: MediaInput,
  stream: Stream,
  packets: number,
  decoding: Decoding | null,
): Promise<{ times: number[]; flags: Flags }> => {
  const tick = stream.timeBase.num / stream.timeBase.den;
  const presented: number[] = [];
  const decoded: number[] = [];
  const flags: Flags = { first: null, pictures: 0, interlaced: 0, packets: 0 };
  using packet = new Packet();
  packet.alloc();
  let count = 0;
  let hasEnded = false;
  for (let read = 0; read < MOST_READ && count < packets; read += 1) {
    hasEnded = !(await input.read(packet));
    if (hasEnded) break;
    if (packet.streamIndex === stream.index) {
      count += 1;
      if (packet.pts !== AV_NOPTS_VALUE) presented.push(Number(packet.pts) * tick);
      if (packet.dts !== AV_NOPTS_VALUE) decoded.push(Number(packet.dts) * tick);
      if (decoding !== null && flags.pictures < decoding.wanted) {
        await readFlags(decoding.decoder, packet, flags);
      }
    }
    packet.unref();
  }
  if (decoding !== null && hasEnded && flags.pictures < decoding.wanted) {
    await readFlags(decoding.decoder, null, flags);
  }
  // A container that states decoding times alone, or presentation times of some pictures alone (AVI with B-pictures), has them evenly too.
  const times = (presented.length >= decoded.length ? presented : decoded).sort((a, b) => a - b);
  return { times: hasEnded ? times : times.slice(0, -REORDERED), flags };
};

/** What an edit list hides, and what comes before the first keyframe, gives no picture and says nothing of fields. */
const countsAsPicture = (packet: Packet, flags: Flags): boolean =>
  (packet.flags & AV_PKT_FLAG_DISCARD) === 0 && (flags.packets > 0 || packet.isKeyframe);

const readFlags = async (decoder: Decoder, packet: Packet | null, flags: Flags): Promise<void> => {
  if (packet !== null && countsAsPicture(packet, flags)) flags.packets += 1;
  for await (const frame of decoder.decode(packet)) {
    flags.first ??= firstPicture(frame);
    flags.pictures += 1;
    if (frame.hasFlags(AV_FRAME_FLAG_INTERLACED)) flags.interlaced += 1;
    frame.free();
  }
};
