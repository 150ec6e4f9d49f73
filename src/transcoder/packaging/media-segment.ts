import { type Box, openFullBox, readBoxes, requireBox } from "./boxes.ts";
import type { ByteReader } from "./byte-reader.ts";
import { malformed } from "./byte-reader.ts";
import type { InitSegment } from "./init-segment.ts";

/** What a manifest needs to know from a media segment. */
export type MediaSegment = {
  /** Decode time of the first sample, in the track's timescale. */
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly sampleCount: number;
  /** Bytes of the whole segment. */
  readonly sizeBytes: number;
};

/**
 * Reads a segment of one or more fragments, each with one track run or several (CMAF segment,
 * ISO/IEC 23000-19 §7.3.3). Throws `transcode_failed` when there is no fragment in it.
 */
export const readMediaSegment = (bytes: Uint8Array, init: InitSegment): MediaSegment => {
  const fragments = readBoxes(bytes)
    .filter((box) => box.type === "moof")
    .map((moof) => readFragment(requireBox(moof.body, "traf").body, init));
  const [first] = fragments;
  if (first === undefined) throw malformed("no moof box");
  const total = (of: (fragment: Fragment) => number): number =>
    fragments.reduce((sum, fragment) => sum + of(fragment), 0);
  return {
    startTicks: first.startTicks,
    durationTicks: total((fragment) => fragment.durationTicks),
    sampleCount: total((fragment) => fragment.sampleCount),
    sizeBytes: bytes.byteLength,
  };
};

type Run = { readonly durationTicks: number; readonly sampleCount: number };
type Fragment = Run & { readonly startTicks: number };

const readFragment = (traf: Uint8Array, init: InitSegment): Fragment => {
  const sampleDuration = readDefaultSampleDuration(requireBox(traf, "tfhd"), init);
  const runs = readBoxes(traf)
    .filter((box) => box.type === "trun")
    .map((trun) => readRun(trun, sampleDuration));
  return {
    startTicks: readDecodeTime(requireBox(traf, "tfdt")),
    durationTicks: runs.reduce((sum, run) => sum + run.durationTicks, 0),
    sampleCount: runs.reduce((sum, run) => sum + run.sampleCount, 0),
  };
};

/** TrackFragmentHeaderBox, ISO/IEC 14496-12 §8.8.7; without a value of its own the trex box's holds. */
const readDefaultSampleDuration = (tfhd: Box, init: InitSegment): number => {
  const { flags, reader } = openFullBox(tfhd);
  reader.skip(4); // track
  if (flags & 0x000001) reader.skip(8); // base data offset
  if (flags & 0x000002) reader.skip(4); // sample description index
  return flags & 0x000008 ? reader.u32() : init.defaultSampleDuration;
};

/** TrackFragmentBaseMediaDecodeTimeBox, ISO/IEC 14496-12 §8.8.12. */
const readDecodeTime = (tfdt: Box): number => {
  const { version, reader } = openFullBox(tfdt);
  return version === 1 ? reader.u64() : reader.u32();
};

/** TrackRunBox, ISO/IEC 14496-12 §8.8.8. */
const readRun = (trun: Box, defaultDuration: number): Run => {
  const { flags, reader } = openFullBox(trun);
  const sampleCount = reader.u32();
  if (flags & 0x000001) reader.skip(4); // data offset
  if (flags & 0x000004) reader.skip(4); // first sample's flags
  const hasDuration = (flags & 0x000100) !== 0;
  const otherFields = [0x000200, 0x000400, 0x000800].filter((field) => flags & field).length;
  const durationTicks = hasDuration
    ? sumOfDurations(reader, sampleCount, otherFields * 4)
    : sampleCount * defaultDuration;
  return { durationTicks, sampleCount };
};

const sumOfDurations = (reader: ByteReader, sampleCount: number, otherBytes: number): number => {
  let sum = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) {
    sum += reader.u32();
    reader.skip(otherBytes);
  }
  return sum;
};
