import { posix } from "node:path";
import { neededRate } from "../bit-rates.ts";
import { Unreadable } from "../cursor.ts";
import type { Findings } from "../finding.ts";
import { jpegSize } from "../jpeg-size.ts";
import type { Representation } from "../mpd/manifest.ts";
import { secondsOf } from "../mpd/manifest.ts";
import { descriptor } from "../mpd/xml.ts";
import { type Files, mpdFile, type Presentation, thumbnailIndexFile } from "../presentation.ts";
import { presentationEnd } from "../track-timing.ts";
import { type Cue, cuesOf } from "../web-vtt.ts";

const TILES = "http://dashif.org/guidelines/thumbnail_tile";

/** Rules about thumbnails: sheets of tiles in the MPD, and the WebVTT index of the same sheets. */
export const checkThumbnails = (presentation: Presentation, findings: Findings): void => {
  const { manifest, files, tracks } = presentation;
  const images = (manifest?.sets ?? []).filter(({ contentType }) => contentType === "image");
  const end = Math.max(0, ...tracks.filter(({ kind }) => kind === "video").map(presentationEnd));
  const buffer = secondsOf(manifest?.root.attributes.minBufferTime);
  for (const { representations } of images) {
    for (const representation of representations) {
      const tile = checkSheets(representation, files, end, buffer, findings);
      if (tile !== null) checkIndex(representation, files, tile, end, findings);
    }
  }
  const isNeeded = !files.has(thumbnailIndexFile) || images.length > 0;
  findings.require(isNeeded, "thumbnail-index", thumbnailIndexFile, "There are no sheets to it.");
};

type Size = { readonly width: number; readonly height: number };

/** Returns the size of a tile; null when nobody can tell. */
const checkSheets = (
  { attributes, id, media, elements }: Representation,
  files: Files,
  end: number,
  buffer: number,
  findings: Findings,
): Size | null => {
  const rule = "thumbnail-sheets";
  const value = elements
    .map((element) => descriptor(element, "EssentialProperty", TILES))
    .find((each) => each !== null);
  const [columns = 0, rows = 0] = (value ?? "").split("x").map(Number);
  const sheet = { width: Number(attributes.width), height: Number(attributes.height) };
  const isEven =
    columns > 0 && rows > 0 && sheet.width % columns === 0 && sheet.height % rows === 0;
  findings.require(
    isEven,
    rule,
    mpdFile,
    `${value} tiles do not divide ${sheet.width}x${sheet.height}.`,
  );
  findings.same(attributes.mimeType, "image/jpeg", rule, mpdFile, `mimeType of ${id}`);
  for (const { file } of media.segments) {
    const size = sizeOf(file, files, findings);
    if (size === null) continue;
    findings.same(
      `${size.width}x${size.height}`,
      `${sheet.width}x${sheet.height}`,
      rule,
      file,
      "The sheet's size",
    );
  }
  const seconds = (media.segments[0]?.duration ?? 0) / media.timescale;
  const covered = media.segments.length * seconds;
  const isCovered = covered >= end - 1e-3 && covered - seconds < end;
  findings.require(isCovered, rule, mpdFile, `Sheets of ${covered} s for ${end} s of pictures.`);
  const stretches = media.segments.map(({ file }) => ({
    bytes: files.get(file)?.length ?? 0,
    seconds,
  }));
  const needed = neededRate(stretches, buffer);
  const declared = Number(attributes.bandwidth);
  const isRight = declared >= needed - 1 && declared <= needed * 1.02 + 1;
  findings.require(
    isRight,
    rule,
    mpdFile,
    `bandwidth of ${id} is ${declared}, needed are ${needed}.`,
  );
  return isEven ? { width: sheet.width / columns, height: sheet.height / rows } : null;
};

const sizeOf = (file: string, files: Files, findings: Findings): Size | null => {
  const bytes = files.get(file);
  if (bytes === undefined) return null;
  try {
    return jpegSize(bytes);
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    findings.add("thumbnail-sheets", file, `Unreadable: ${thrown.message}.`);
    return null;
  }
};

const CUE = /^([^#\s]+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/** Times are written in milliseconds. */
const WRITTEN_SECONDS = 0.0011;

const checkIndex = (
  { attributes, media }: Representation,
  files: Files,
  tile: Size,
  end: number,
  findings: Findings,
): void => {
  const add = (message: string): void =>
    findings.add("thumbnail-index", thumbnailIndexFile, message);
  const cues = readCues(files, add);
  if (cues === null) return;
  const sheets = new Set(media.segments.map(({ file }) => file));
  const seen = new Set<string>();
  let next = 0;
  for (const { start, end: cueEnd, text } of cues) {
    if (Math.abs(start - next) > WRITTEN_SECONDS || cueEnd <= start)
      add(`A cue lasts from ${start} to ${cueEnd}.`);
    next = cueEnd;
    const match = CUE.exec(text);
    if (match === null) {
      add(`A cue says ${text}.`);
      continue;
    }
    const [, name = "", ...numbers] = match;
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
    const file = posix.join(posix.dirname(thumbnailIndexFile), name);
    if (!sheets.has(file)) add(`${name} is no sheet of the MPD.`);
    const isTile =
      width === tile.width && height === tile.height && x % width === 0 && y % height === 0;
    const isInside =
      x + width <= Number(attributes.width) && y + height <= Number(attributes.height);
    if (!isTile || !isInside) add(`${text} is no tile of its sheet.`);
    if (seen.has(text)) add(`${text} is there twice.`);
    seen.add(text);
  }
  // A cue may end with the sound, which ends within a frame of the pictures, or with its tile.
  if (next < end - 0.1) add(`It ends at ${next} s, the pictures at ${end} s.`);
};

const readCues = (files: Files, add: (message: string) => void): readonly Cue[] | null => {
  const bytes = files.get(thumbnailIndexFile);
  if (bytes === undefined) {
    add("It is not there.");
    return null;
  }
  try {
    return cuesOf(new TextDecoder().decode(bytes));
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    add(`Unreadable: ${thrown.message}.`);
    return null;
  }
};
