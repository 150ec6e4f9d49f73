import { firstSegmentNumber, sheetName } from "./names.ts";
import type { ThumbnailTrack } from "./presentation.ts";

/**
 * The thumbnails as WebVTT (W3C WebVTT §4): one cue per tile, its text the sheet's name with the
 * tile's place in pixels as a media fragment (W3C Media Fragments URI §4.2.2). Players that search by
 * such a file are Shaka, JW Player, Plyr, Video.js and others.
 *
 * @param durationSeconds end of the presentation; the last tile lasts until then
 */
export const buildThumbnailIndex = (track: ThumbnailTrack, durationSeconds: number): string => {
  const { columns, tileWidth, tileHeight, timescale, tileTicks, sheets } = track;
  const millisecondsOf = (tile: number): number =>
    Math.round((tile * tileTicks * 1000) / timescale);
  const total = sheets.reduce((sum, { tiles }) => sum + tiles, 0);
  const cues: string[] = [];
  let tile = 0;
  sheets.forEach(({ tiles }, sheet) => {
    for (let place = 0; place < tiles; place += 1) {
      const x = (place % columns) * tileWidth;
      const y = Math.floor(place / columns) * tileHeight;
      const start = millisecondsOf(tile);
      const next = millisecondsOf(tile + 1);
      const end = tile === total - 1 ? lastEnd(start, next, durationSeconds) : next;
      const name = sheetName(firstSegmentNumber + sheet);
      cues.push(
        `${timestamp(start)} --> ${timestamp(end)}\n${name}#xywh=${x},${y},${tileWidth},${tileHeight}`,
      );
      tile += 1;
    }
  });
  return `${["WEBVTT", ...cues].join("\n\n")}\n`;
};

/** A cue has to end after it starts (§4.1), also for a film that rounds to nothing. */
const lastEnd = (start: number, next: number, durationSeconds: number): number =>
  Math.max(start + 1, Math.min(next, Math.round(durationSeconds * 1000)));

/** `01:02:03.004`; hours have two digits or more. */
const timestamp = (milliseconds: number): string => {
  const part = (divisor: number, modulus: number, digits: number): string =>
    String(Math.floor(milliseconds / divisor) % modulus).padStart(digits, "0");
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
};
