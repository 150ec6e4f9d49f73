import { sustainedBandwidth } from "./bandwidth.ts";
import { firstSegmentNumber } from "./names.ts";
import type { ThumbnailTrack } from "./presentation.ts";
import { element, textElement } from "./xml.ts";

/** DASH-IF Interoperability Points 4.3, 6.2.6: sheets of tiles, columns by rows. */
const TILES = "http://dashif.org/guidelines/thumbnail_tile";

/**
 * The AdaptationSet of the thumbnails (DASH-IF IOP 4.3, 6.2.6): sheets are addressed as segments of
 * one constant duration, each divided evenly among its tiles; width and height are a whole sheet's.
 * `endNumber` (ISO/IEC 23009-1 §5.3.9.2.2) keeps players from asking for sheets that are not there.
 *
 * @param minBufferSeconds the MPD's `@minBufferTime`
 */
export const thumbnailSet =
  (track: ThumbnailTrack, minBufferSeconds: number) =>
  (id: number): string => {
    const { path, columns, rows, tileWidth, tileHeight, timescale, tileTicks, sheets } = track;
    const sheetTicks = columns * rows * tileTicks;
    const segments = sheets.map(({ sizeBytes }) => ({ sizeBytes, durationTicks: sheetTicks }));
    return element("AdaptationSet", { id, contentType: "image", mimeType: "image/jpeg" }, [
      element("SegmentTemplate", {
        timescale,
        duration: sheetTicks,
        media: "$Number$.jpg",
        startNumber: firstSegmentNumber,
        endNumber: firstSegmentNumber + sheets.length - 1,
      }),
      element(
        "Representation",
        {
          id: "thumbnails",
          width: columns * tileWidth,
          height: rows * tileHeight,
          bandwidth: sustainedBandwidth({ timescale, segments }, minBufferSeconds),
        },
        [
          element("EssentialProperty", { schemeIdUri: TILES, value: `${columns}x${rows}` }),
          textElement("BaseURL", `${encodeURI(path)}/`),
        ],
      ),
    ]);
  };
