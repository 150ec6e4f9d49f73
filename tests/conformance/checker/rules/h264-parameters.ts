import { Unreadable } from "../cursor.ts";
import type { Findings } from "../finding.ts";
import type { AvcConfig } from "../h264/avc-config.ts";
import { limitsOf } from "../h264/levels.ts";
import { nalType, nalUnit } from "../h264/nal-units.ts";
import { readSequenceParameters, type SequenceParameters } from "../h264/sequence-parameters.ts";
import { readPictureParameters } from "../h264/slice-header.ts";
import type { Presentation, Track } from "../presentation.ts";
import { segmentTicks, usualDuration } from "../track-timing.ts";

/** Rules about parameter sets against avcC, the header's boxes and what the segments need. */
export const checkParameterSets = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    const { avc } = track.header.entry;
    if (avc === null) continue;
    checkConfig(avc, track.headerFile, findings);
    const sps = sequenceParametersOf(track);
    if (sps === null) {
      findings.add(
        "h264-parameter-sets",
        track.headerFile,
        "There is no readable sequence parameter set.",
      );
      continue;
    }
    checkSets(avc, sps, track.headerFile, findings);
    checkFormat(track, sps, findings);
    checkUsability(track, sps, findings);
    checkLevel(track, sps, findings);
  }
};

/** The sequence parameter set of a track's header; null when there is not exactly one that can be read. */
export const sequenceParametersOf = ({ header }: Track): SequenceParameters | null => {
  const [bytes, ...others] = header.entry.avc?.sps ?? [];
  if (bytes === undefined || others.length > 0) return null;
  try {
    return readSequenceParameters(bytes);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return null;
    throw thrown;
  }
};

const checkConfig = (avc: AvcConfig, file: string, findings: Findings): void => {
  const rule = "h264-config";
  findings.same(avc.version, 1, rule, file, "avcC's version");
  findings.require(
    [1, 2, 4].includes(avc.lengthSize),
    rule,
    file,
    `NAL lengths of ${avc.lengthSize} bytes.`,
  );
  findings.require(avc.pps.length > 0, rule, file, "avcC holds no picture parameter set.");
};

const checkSets = (
  avc: AvcConfig,
  sps: SequenceParameters,
  file: string,
  findings: Findings,
): void => {
  const rule = "h264-parameter-sets";
  findings.same(
    avc.profile,
    sps.profile,
    rule,
    file,
    "avcC's profile beside the sequence parameter set",
  );
  findings.same(avc.compatibility, sps.compatibility, rule, file, "avcC's constraints beside it");
  findings.same(avc.level, sps.level, rule, file, "avcC's level beside it");
  const types = [...avc.sps, ...avc.pps].map((bytes) => nalUnit(bytes).type);
  const expected = [...avc.sps.map(() => nalType.sps), ...avc.pps.map(() => nalType.pps)];
  findings.same(types.join(), expected.join(), rule, file, "Types of the parameter sets");
  for (const bytes of avc.pps) {
    findings.same(
      readPictureParameters(bytes).sequence,
      sps.id,
      rule,
      file,
      "The set a picture parameter set names",
    );
  }
};

const checkFormat = (
  { header, headerFile }: Track,
  sps: SequenceParameters,
  findings: Findings,
): void => {
  const { width, height } = header.entry.visual ?? { width: 0, height: 0 };
  findings.same(
    `${width}x${height}`,
    `${sps.width}x${sps.height}`,
    "h264-size",
    headerFile,
    "avc1's size",
  );
  findings.require(
    sps.chromaFormat === 1 && sps.bitDepth === 8 && sps.isProgressive,
    "h264-format",
    headerFile,
    "It is not progressive 4:2:0 with 8 bits.",
  );
  const isCommon = [66, 77, 100].includes(sps.profile);
  findings.require(
    isCommon,
    "h264-format",
    headerFile,
    `Profile ${sps.profile} does not play everywhere.`,
  );
};

const checkUsability = (track: Track, { vui }: SequenceParameters, findings: Findings): void => {
  const { header, headerFile } = track;
  const { colour, pixelAspect } = header.entry;
  if (vui === null) return;
  if (colour !== null && vui.colour !== null) {
    const { primaries, transfer, matrix } = vui.colour;
    findings.same(
      `${primaries}/${transfer}/${matrix}`,
      `${colour.primaries}/${colour.transfer}/${colour.matrix}`,
      "h264-colour",
      headerFile,
      "The stream's colour",
    );
  }
  if (colour !== null && vui.isFullRange !== null) {
    findings.require(
      vui.isFullRange === colour.isFullRange,
      "h264-colour",
      headerFile,
      "colr has another range.",
    );
  }
  if (pixelAspect !== null && vui.sampleAspect !== null) {
    const [x, y] = vui.sampleAspect;
    const isSame = x * pixelAspect[1] === y * pixelAspect[0] && x > 0;
    findings.require(
      isSame,
      "h264-sample-aspect",
      headerFile,
      `The stream has ${x}:${y}, pasp ${pixelAspect}.`,
    );
  }
  if (vui.timing !== null) {
    const { unitsInTick, timescale } = vui.timing;
    // A tick is a field (ITU-T H.264 §E.2.1).
    const seconds = (2 * unitsInTick) / timescale;
    const real = usualDuration(track) / header.media.timescale;
    const isRight = Math.abs(seconds - real) < 1e-5;
    findings.require(
      isRight,
      "h264-timing",
      headerFile,
      `The stream has ${seconds} s a picture, not ${real}.`,
    );
  }
};

/** High may have 1.25 times the bits of the table, and NAL units 1.2 times those of the coded data (§A.3.1, §A.3.3). */
const highFactor = (profile: number): number => (profile >= 100 ? 1.5 : 1.2);

const checkLevel = (track: Track, sps: SequenceParameters, findings: Findings): void => {
  const { headerFile, header } = track;
  const add = (message: string): void => findings.add("h264-level", headerFile, message);
  const limits = limitsOf(sps.level);
  if (limits === null) {
    add(`Level ${sps.level} is not known.`);
    return;
  }
  const { widthInMacroblocks, heightInMacroblocks } = sps;
  const macroblocks = widthInMacroblocks * heightInMacroblocks;
  const most = limits.macroblocksPerFrame;
  if (macroblocks > most)
    add(`${macroblocks} macroblocks are more than the ${most} of level ${sps.level}.`);
  if (Math.max(widthInMacroblocks, heightInMacroblocks) > Math.sqrt(8 * most))
    add("A side is too long.");
  const ticks = usualDuration(track);
  const perSecond = ticks === 0 ? 0 : (macroblocks * header.media.timescale) / ticks;
  if (perSecond > limits.macroblocksPerSecond * 1.001)
    add(`${perSecond} macroblocks/s are too many.`);
  const buffered = Math.max(sps.referenceFrames, sps.vui?.bufferedFrames ?? 0);
  if (buffered * macroblocks > limits.bufferedMacroblocks)
    add(`${buffered} buffered frames are too many.`);
  const bits = limits.bitsPerSecond * highFactor(sps.profile);
  for (const segment of track.segments) {
    const seconds = segmentTicks(segment) / header.media.timescale;
    // The decoder's buffer takes a second and more at the highest rate; below that, a peak proves nothing.
    if (seconds >= 1 && (segment.bytes * 8) / seconds > bits)
      add(`${segment.file} has more than ${bits} bits/s.`);
  }
};
