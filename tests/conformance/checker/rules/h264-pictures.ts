import { isSync } from "../bmff/segment.ts";
import { Unreadable } from "../cursor.ts";
import type { Findings } from "../finding.ts";
import { forbiddenBytesAt, type NalUnit, nalType, nalUnitsOf } from "../h264/nal-units.ts";
import type { SequenceParameters } from "../h264/sequence-parameters.ts";
import { readPictureParameters, readSliceHeader, type SliceHeader } from "../h264/slice-header.ts";
import type { Presentation, Track, TrackSegment } from "../presentation.ts";
import { sampleTimes } from "../track-timing.ts";
import { sequenceParametersOf } from "./h264-parameters.ts";

/** Rules about every sample of H.264: NAL units, slices, order. */
export const checkPictures = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    const sps = sequenceParametersOf(track);
    if (sps === null) continue;
    for (const segment of track.segments) checkSegment(segment, track, sps, findings);
    checkIdrDistance(track, findings);
  }
};

type Picture = {
  readonly isIdr: boolean;
  readonly slices: readonly SliceHeader[];
  /** Composition time, in ticks. */
  readonly shown: number;
};

const checkSegment = (
  segment: TrackSegment,
  track: Track,
  sps: SequenceParameters,
  findings: Findings,
): void => {
  const pictures: Picture[] = [];
  const times = sampleTimes(segment);
  const flags = segment.fragments.flatMap(({ samples }) => samples.map((sample) => sample.flags));
  for (const [index, bytes] of sampleBytes(segment).entries()) {
    const where = `Sample ${index}`;
    const units = readUnits(bytes, track, segment.file, where, findings);
    if (units === null) return;
    const slices = checkUnits(units, track, sps, { file: segment.file, where }, findings);
    const isIdr = units.some(({ type }) => type === nalType.idrSlice);
    const isMarked = isSync(flags[index] ?? 0);
    findings.require(
      isIdr === isMarked,
      "h264-idr",
      segment.file,
      `${where}: IDR ${isIdr}, sync sample ${isMarked}.`,
    );
    pictures.push({ isIdr, slices, shown: times[index]?.composition ?? 0 });
  }
  const startsWell = pictures[0]?.isIdr === true;
  findings.require(startsWell, "h264-idr", segment.file, "It does not begin with an IDR picture.");
  checkFrameNumbers(pictures, segment.file, findings);
  checkOrder(pictures, sps, segment.file, findings);
};

/** Bytes of each sample; they lie one after the other in mdat. */
export const sampleBytes = ({ fragments }: TrackSegment): Uint8Array[] =>
  fragments.flatMap(({ samples, mdat }) => {
    let at = 0;
    return samples.map(({ size }) => {
      at += size;
      return mdat.subarray(at - size, at);
    });
  });

const readUnits = (
  bytes: Uint8Array,
  track: Track,
  file: string,
  where: string,
  findings: Findings,
): NalUnit[] | null => {
  try {
    return nalUnitsOf(bytes, track.header.entry.avc?.lengthSize ?? 4);
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    findings.add("h264-nal-units", file, `${where}: NAL units do not fill it (${thrown.message}).`);
    return null;
  }
};

type Place = { readonly file: string; readonly where: string };

/** Types that belong into a sample whose parameter sets are in the header (ISO/IEC 14496-15 §5.3.2). */
const ALLOWED = new Set<number>([
  nalType.slice,
  nalType.idrSlice,
  nalType.sei,
  nalType.delimiter,
  nalType.filler,
]);

const checkUnits = (
  units: readonly NalUnit[],
  track: Track,
  sps: SequenceParameters,
  { file, where }: Place,
  findings: Findings,
): SliceHeader[] => {
  const known = (track.header.entry.avc?.pps ?? []).map((bytes) => readPictureParameters(bytes).id);
  const slices: SliceHeader[] = [];
  const kinds = new Set<number>();
  for (const unit of units) {
    const { type } = unit;
    const isSlice = type === nalType.slice || type === nalType.idrSlice;
    findings.require(
      unit.forbiddenBit === 0,
      "h264-nal-units",
      file,
      `${where}: the forbidden bit is set.`,
    );
    if (type === nalType.sps || type === nalType.pps)
      checkInBand(unit, track, { file, where }, findings);
    else
      findings.require(
        ALLOWED.has(type),
        "h264-nal-units",
        file,
        `${where}: NAL unit of type ${type}.`,
      );
    const forbidden = forbiddenBytesAt(unit);
    findings.require(
      forbidden < 0,
      "h264-nal-units",
      file,
      `${where}: a start code at ${forbidden} of a NAL unit.`,
    );
    if (!isSlice) continue;
    kinds.add(type);
    const slice = attemptSlice(unit, sps);
    if (slice === null) {
      findings.add("h264-slices", file, `${where}: unreadable slice header.`);
      continue;
    }
    slices.push(slice);
    const isKnown = known.includes(slice.pictureParameters);
    findings.require(
      isKnown,
      "h264-slices",
      file,
      `${where}: picture parameters ${slice.pictureParameters} are unknown.`,
    );
    if (type === nalType.idrSlice) {
      findings.require(
        slice.kind === "I",
        "h264-slices",
        file,
        `${where}: a ${slice.kind} slice in an IDR picture.`,
      );
      findings.require(
        unit.refIdc > 0,
        "h264-slices",
        file,
        `${where}: an IDR picture that is no reference.`,
      );
    }
  }
  findings.require(kinds.size === 1, "h264-idr", file, `${where}: slices of types ${[...kinds]}.`);
  const starts = slices.map(({ firstMacroblock }) => firstMacroblock);
  const isWhole =
    starts[0] === 0 &&
    starts.every((start, index) => index === 0 || start > (starts[index - 1] ?? 0));
  findings.require(
    isWhole,
    "h264-slices",
    file,
    `${where}: slices begin at macroblocks ${starts}.`,
  );
  return slices;
};

const attemptSlice = (unit: NalUnit, sps: SequenceParameters): SliceHeader | null => {
  try {
    return readSliceHeader(unit, sps);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return null;
    throw thrown;
  }
};

/** Parameter sets between the pictures may only repeat those of the header. */
const checkInBand = (
  unit: NalUnit,
  track: Track,
  { file, where }: Place,
  findings: Findings,
): void => {
  const { sps = [], pps = [] } = track.header.entry.avc ?? {};
  const isKnown = [...sps, ...pps].some((bytes) => Buffer.compare(bytes, unit.bytes) === 0);
  findings.require(
    isKnown,
    "h264-parameter-sets",
    file,
    `${where}: a parameter set that the header does not have.`,
  );
};

/** IDR pictures count from 0 (ITU-T H.264 §7.4.3, frame_num); all slices of a picture agree. */
const checkFrameNumbers = (
  pictures: readonly Picture[],
  file: string,
  findings: Findings,
): void => {
  for (const [index, { isIdr, slices }] of pictures.entries()) {
    const [first] = slices;
    if (first === undefined) continue;
    if (isIdr)
      findings.same(first.frameNumber, 0, "h264-slices", file, `frame_num of sample ${index}`);
    const agree = slices.every(
      (slice) =>
        slice.frameNumber === first.frameNumber &&
        slice.orderCount === first.orderCount &&
        slice.idrId === first.idrId,
    );
    findings.require(
      agree,
      "h264-slices",
      file,
      `Slices of sample ${index} belong to several pictures.`,
    );
  }
};

/** Between two IDR pictures, the stream's own order of output is that of the composition times. */
const checkOrder = (
  pictures: readonly Picture[],
  sps: SequenceParameters,
  file: string,
  findings: Findings,
): void => {
  if (sps.orderCountType !== 0) return;
  const range = 2 ** sps.orderCountBits;
  let group: { order: number; shown: number }[] = [];
  let previous = 0;
  const finish = (): void => {
    const byOrder = [...group].sort((a, b) => a.order - b.order);
    const stray = byOrder.findIndex(
      ({ shown }, index) => index > 0 && shown <= (byOrder[index - 1]?.shown ?? 0),
    );
    findings.require(
      stray < 0,
      "h264-order",
      file,
      `The picture shown at ${byOrder[stray]?.shown} is out of order.`,
    );
    group = [];
  };
  for (const { isIdr, slices, shown } of pictures) {
    if (isIdr) finish();
    const count = slices[0]?.orderCount ?? 0;
    // §8.2.1.1: the nearest value with these lowest bits.
    const base = isIdr ? 0 : previous;
    const order = base + ((((count - base) % range) + range + range / 2) % range) - range / 2;
    previous = order;
    group.push({ order, shown });
  }
  finish();
};

/** Longest distance of IDR pictures: two seconds where we place them, four where a source is copied. */
const MOST_IDR_SECONDS = 4.05;

const checkIdrDistance = (track: Track, findings: Findings): void => {
  const { timescale } = track.header.media;
  let last = 0;
  for (const segment of track.segments) {
    const flags = segment.fragments.flatMap(({ samples }) => samples.map((sample) => sample.flags));
    for (const [index, { decode }] of sampleTimes(segment).entries()) {
      const isNear = (decode - last) / timescale <= MOST_IDR_SECONDS;
      findings.require(
        isNear,
        "h264-idr-distance",
        segment.file,
        `Sample ${index} is far from any IDR picture.`,
      );
      if (!isNear || isSync(flags[index] ?? 0)) last = decode;
    }
  }
};
