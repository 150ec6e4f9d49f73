import { type RungLoss, toNumber, type VideoFacts } from "../source-facts.ts";
import { LADDER, LONG_SIDE_LIMIT, ROW_TOLERANCE, type X264Settings } from "./ladder.ts";
import { orientationOf } from "./orientation.ts";

export type RungPlan = {
  /** Folder name: the ladder row's short side. */
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly x264: X264Settings;
};

type Size = { readonly width: number; readonly height: number };

/** The size at which the picture is meant to be seen: cropped, square pixels, upright. The height is kept, the width stretched. */
export const displaySize = (video: VideoFacts): Size => {
  const aspect = toNumber(video.sampleAspect);
  const { top, bottom, left, right } = video.crop ?? { top: 0, bottom: 0, left: 0, right: 0 };
  const height = video.height - top - bottom;
  const width = (video.width - left - right) * (aspect > 0 ? aspect : 1);
  return orientationOf(video.displayMatrix).swapsSides
    ? { width: height, height: width }
    : { width, height };
};

/** Rungs from the lowest up to the source's own size, never above it; always at least one. */
export const planRungs = (display: Size): RungPlan[] => {
  const shortSide = Math.min(display.width, display.height);
  const fitting = LADDER.filter((row) => shortSide >= row.shortSide * ROW_TOLERANCE);
  const rows = fitting.length > 0 ? fitting : LADDER.slice(0, 1);
  const rungs = rows.map((row) => {
    const size = scaleTo(display, Math.min(row.shortSide, shortSide));
    const own = Math.min(size.width, size.height);
    const name = fitting.length > 0 ? row.shortSide : own;
    return { id: String(row.shortSide), name: `${name}p`, ...size, x264: row.x264 };
  });
  // The limit of the long side can bring two rows of a very wide picture to the same size.
  return rungs.filter(({ width }, index) => width !== rungs[index - 1]?.width);
};

/**
 * A rung that differs from the one below by less than one code value of luma (root mean square, the
 * smallest step there is; 48.1 dB) in the most detailed of the pictures looked at may show nothing more.
 * Enlarged films lie at 0.3 to 0.9; sharp ones at 1.4 (night over water) to 6 (a city), but soft water
 * that fills the picture at 0.9 to 1.1.
 */
export const EMPTY_RUNG_RMS = 1;

/**
 * Soft is not enlarged: in a picture that was never enlarged the finest octave holds a fixed part of
 * what the two finest hold together (0.41 to 0.5 in the clips of the ladder's benchmark, whatever their
 * contrast), in an enlarged one less (0.21 to 0.39, by how far and by what filter).
 */
export const EMPTY_RUNG_OCTAVE_RATIO = 0.4;

/** Splits off the highest rungs, as many as show nothing that the one below does not. */
export const splitEmptyRungs = (
  rungs: readonly RungPlan[],
  losses: readonly RungLoss[],
): { readonly made: readonly RungPlan[]; readonly empty: readonly RungPlan[] } => {
  const isEmpty = ({ id }: RungPlan, index: number) => {
    const loss = losses.find(({ rungId }) => rungId === id);
    return (
      index > 0 &&
      loss !== undefined &&
      loss.rms < EMPTY_RUNG_RMS &&
      loss.octaveRatio < EMPTY_RUNG_OCTAVE_RATIO
    );
  };
  const count = rungs.findLastIndex((rung, index) => !isEmpty(rung, index)) + 1;
  return { made: rungs.slice(0, count), empty: rungs.slice(count) };
};

/** Encodes the highest rung as its row wants it on top. */
export const improveTop = (rungs: readonly RungPlan[]): RungPlan[] =>
  rungs.map((rung, index) => {
    const crf = LADDER.find((row) => String(row.shortSide) === rung.id)?.crfOnTop;
    const isTop = index === rungs.length - 1;
    return isTop && crf !== undefined ? { ...rung, x264: { ...rung.x264, crf } } : rung;
  });

const scaleTo = (display: Size, shortSide: number): Size => {
  const longest = Math.max(display.width, display.height);
  const factor = Math.min(
    shortSide / Math.min(display.width, display.height),
    LONG_SIDE_LIMIT / longest,
  );
  return {
    width: evenSize(display.width * factor, display.width),
    height: evenSize(display.height * factor, display.height),
  };
};

/** 4:2:0 needs even sides: the nearest even number that is not above `limit`, and never nothing. */
const evenSize = (pixels: number, limit: number): number =>
  Math.max(2, Math.min(2 * Math.round(pixels / 2), 2 * Math.floor((limit + 1e-6) / 2)));
