import { type Box, openFullBox, readBoxes, requireBox } from "./boxes.ts";
import { malformed } from "./byte-reader.ts";
import type { InitSegment } from "./init-segment.ts";
import { readTrackRun, type SampleDefaults } from "./track-run.ts";

/** What a manifest needs to know from a media segment. */
export type MediaSegment = {
  /** Decode time of the first sample, in the track's timescale. */
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly sampleCount: number;
  /** Bytes of the whole segment. */
  readonly sizeBytes: number;
  /** In file order. */
  readonly fragments: readonly Fragment[];
};

/** One moof with its mdat (ISO/IEC 23000-19 §7.3.2.3). */
export type Fragment = {
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly sampleCount: number;
  /** First byte of the moof in the segment. */
  readonly offsetBytes: number;
  readonly firstSample: {
    /** Whether decoding can begin with it. */
    readonly isSync: boolean;
    /** First byte after it in the segment. */
    readonly endBytes: number;
  };
};

/**
 * Reads a segment of one or more fragments, each with one track run or several (CMAF segment,
 * ISO/IEC 23000-19 §7.3.3). Throws `transcode_failed` when there is no fragment in it.
 */
export const readMediaSegment = (bytes: Uint8Array, init: InitSegment): MediaSegment => {
  const fragments = readBoxes(bytes)
    .filter((box) => box.type === "moof")
    .map((moof) => readFragment(moof, init));
  const [first] = fragments;
  if (first === undefined) throw malformed("no moof box");
  const total = (of: (fragment: Fragment) => number): number =>
    fragments.reduce((sum, fragment) => sum + of(fragment), 0);
  return {
    startTicks: first.startTicks,
    durationTicks: total((fragment) => fragment.durationTicks),
    sampleCount: total((fragment) => fragment.sampleCount),
    sizeBytes: bytes.byteLength,
    fragments,
  };
};

const readFragment = (moof: Box, init: InitSegment): Fragment => {
  const traf = requireBox(moof.body, "traf").body;
  const defaults = readSampleDefaults(requireBox(traf, "tfhd"), init);
  const runs = readBoxes(traf)
    .filter((box) => box.type === "trun")
    .map((trun) => readTrackRun(trun, defaults));
  const [first] = runs;
  if (first === undefined) throw malformed("no trun box");
  return {
    startTicks: readDecodeTime(requireBox(traf, "tfdt")),
    durationTicks: runs.reduce((sum, run) => sum + run.durationTicks, 0),
    sampleCount: runs.reduce((sum, run) => sum + run.sampleCount, 0),
    offsetBytes: moof.start,
    firstSample: {
      isSync: first.firstSample.isSync,
      // Data offsets count from the moof (default-base-is-moof, which CMAF requires).
      endBytes: moof.start + first.dataOffset + first.firstSample.sizeBytes,
    },
  };
};

/** TrackFragmentHeaderBox, ISO/IEC 14496-12 §8.8.7; without a value of its own the trex box's holds. */
const readSampleDefaults = (tfhd: Box, init: InitSegment): SampleDefaults => {
  const { flags, reader } = openFullBox(tfhd);
  const optional = (flag: number, otherwise: number): number =>
    flags & flag ? reader.u32() : otherwise;
  reader.skip(4); // track
  if (flags & 0x000001) reader.skip(8); // base data offset
  optional(0x000002, 0); // sample description index
  return {
    duration: optional(0x000008, init.defaultSampleDuration),
    sizeBytes: optional(0x000010, 0),
    flags: optional(0x000020, init.defaultSampleFlags),
  };
};

/** TrackFragmentBaseMediaDecodeTimeBox, ISO/IEC 14496-12 §8.8.12. */
const readDecodeTime = (tfdt: Box): number => {
  const { version, reader } = openFullBox(tfdt);
  return version === 1 ? reader.u64() : reader.u32();
};
