import { type Box, openFullBox } from "./boxes.ts";
import type { ByteReader } from "./byte-reader.ts";

/** What holds for a sample of which its run says nothing. */
export type SampleDefaults = {
  readonly duration: number;
  readonly sizeBytes: number;
  readonly flags: number;
};

/** A TrackRunBox: samples that lie one behind the other. */
export type TrackRun = {
  readonly durationTicks: number;
  readonly sampleCount: number;
  /** Where its samples begin, counted from the moof; 0 where it is not said. */
  readonly dataOffset: number;
  readonly firstSample: { readonly sizeBytes: number; readonly isSync: boolean };
};

/** Fields that every sample of a run may have, in file order (ISO/IEC 14496-12 §8.8.8.1). */
const DURATION = 0x000100;
const SIZE = 0x000200;
const FLAGS = 0x000400;
const COMPOSITION_OFFSET = 0x000800;

/** `sample_is_non_sync_sample` among a sample's flags (§8.8.3.1). */
const NON_SYNC = 0x00010000;

/** Reads a TrackRunBox (ISO/IEC 14496-12 §8.8.8). Throws `transcode_failed` when it ends too early. */
export const readTrackRun = (trun: Box, defaults: SampleDefaults): TrackRun => {
  const { flags, reader } = openFullBox(trun);
  const sampleCount = reader.u32();
  const dataOffset = flags & 0x000001 ? reader.i32() : 0;
  const firstFlags = flags & 0x000004 ? reader.u32() : null;
  if (sampleCount === 0) {
    return { durationTicks: 0, sampleCount, dataOffset, firstSample: noSample };
  }
  const first = readSample(reader, flags, defaults);
  let durationTicks = first.duration;
  if (flags & DURATION) {
    for (let sample = 1; sample < sampleCount; sample += 1) {
      durationTicks += readSample(reader, flags, defaults).duration;
    }
  } else {
    durationTicks = sampleCount * defaults.duration;
  }
  const isSync = ((firstFlags ?? first.flags) & NON_SYNC) === 0;
  return {
    durationTicks,
    sampleCount,
    dataOffset,
    firstSample: { sizeBytes: first.sizeBytes, isSync },
  };
};

const noSample = { sizeBytes: 0, isSync: false } as const;

const readSample = (
  reader: ByteReader,
  flags: number,
  defaults: SampleDefaults,
): SampleDefaults => {
  const optional = (flag: number, otherwise: number): number =>
    flags & flag ? reader.u32() : otherwise;
  const sample = {
    duration: optional(DURATION, defaults.duration),
    sizeBytes: optional(SIZE, defaults.sizeBytes),
    flags: optional(FLAGS, defaults.flags),
  };
  if (flags & COMPOSITION_OFFSET) reader.skip(4);
  return sample;
};
