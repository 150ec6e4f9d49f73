import { findBox, openFullBox, requireBox } from "./boxes.ts";
import { malformed } from "./byte-reader.ts";
import { codecString } from "./codec-string.ts";

/** What a manifest needs to know from a track's initialization segment. */
export type InitSegment = {
  /** RFC 6381 codecs value. */
  readonly codecs: string;
  /** Ticks per second of everything in this track. */
  readonly timescale: number;
  /** Duration of a sample for which the fragment names none, in ticks. */
  readonly defaultSampleDuration: number;
  /** Flags of a sample for which the fragment names none (ISO/IEC 14496-12 §8.8.3.1). */
  readonly defaultSampleFlags: number;
  /**
   * Media time at which presentation starts, in ticks; 0 without an edit list. An AAC track says
   * here how much encoder delay a player has to skip.
   */
  readonly presentationStartTicks: number;
};

/**
 * Reads an initialization segment with exactly one track (CMAF header, ISO/IEC 23000-19 §7.3.1).
 * Throws `transcode_failed` when it is not one.
 */
export const readInitSegment = (bytes: Uint8Array): InitSegment => {
  const moov = requireBox(bytes, "moov").body;
  const trak = requireBox(moov, "trak").body;
  return {
    codecs: readCodecs(requireBox(trak, "mdia", "minf", "stbl", "stsd").body),
    timescale: readTimescale(trak),
    ...readSampleDefaults(moov),
    presentationStartTicks: readPresentationStart(trak),
  };
};

/** SampleDescriptionBox, ISO/IEC 14496-12 §8.5.2. */
const readCodecs = (stsd: Uint8Array): string => {
  const { reader } = openFullBox({ body: stsd });
  if (reader.u32() !== 1) throw malformed("stsd does not hold exactly one sample entry");
  const size = reader.u32();
  const type = reader.fourCc();
  return codecString(type, reader.take(size - 8));
};

/** MediaHeaderBox, ISO/IEC 14496-12 §8.4.2. */
const readTimescale = (trak: Uint8Array): number => {
  const { version, reader } = openFullBox(requireBox(trak, "mdia", "mdhd"));
  reader.skip(version === 1 ? 16 : 8); // creation and modification time
  const timescale = reader.u32();
  if (timescale === 0) throw malformed("the timescale is 0");
  return timescale;
};

/** TrackExtendsBox, ISO/IEC 14496-12 §8.8.3. */
const readSampleDefaults = (
  moov: Uint8Array,
): Pick<InitSegment, "defaultSampleDuration" | "defaultSampleFlags"> => {
  const { reader } = openFullBox(requireBox(moov, "mvex", "trex"));
  reader.skip(8); // track, default sample description
  const defaultSampleDuration = reader.u32();
  reader.skip(4); // default size
  return { defaultSampleDuration, defaultSampleFlags: reader.u32() };
};

/** EditListBox, ISO/IEC 14496-12 §8.6.6; a media time of -1 is an empty edit and skips nothing. */
const readPresentationStart = (trak: Uint8Array): number => {
  const elst = findBox(trak, "edts", "elst");
  if (elst === undefined) return 0;
  const { version, reader } = openFullBox(elst);
  const entries = reader.u32();
  for (let entry = 0; entry < entries; entry += 1) {
    reader.skip(version === 1 ? 8 : 4); // segment duration
    const mediaTime = version === 1 ? reader.i64() : reader.i32();
    reader.skip(4); // rate
    if (mediaTime >= 0) return mediaTime;
  }
  return 0;
};
