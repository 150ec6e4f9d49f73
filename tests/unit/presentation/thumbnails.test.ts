import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildMpd } from "../../../src/presentation/mpd.ts";
import { thumbnailSet } from "../../../src/presentation/mpd-thumbnails.ts";
import type { ThumbnailTrack } from "../../../src/presentation/presentation.ts";
import { buildThumbnailIndex } from "../../../src/presentation/thumbnails.ts";
import { examplePresentation } from "./example-presentation.ts";

/** Seven tiles, one every half second at 23.976 pictures per second, four to a sheet. */
const track: ThumbnailTrack = {
  path: "t",
  columns: 2,
  rows: 2,
  tileWidth: 192,
  tileHeight: 108,
  timescale: 24_000,
  tileTicks: 12_012,
  sheets: [
    { tiles: 4, sizeBytes: 20_000 },
    { tiles: 3, sizeBytes: 18_000 },
  ],
};

describe("the WebVTT index", () => {
  test("names every tile by sheet, time and place", () => {
    expect(buildThumbnailIndex(track, 3.4)).toBe(`WEBVTT

00:00:00.000 --> 00:00:00.501
1.jpg#xywh=0,0,192,108

00:00:00.501 --> 00:00:01.001
1.jpg#xywh=192,0,192,108

00:00:01.001 --> 00:00:01.502
1.jpg#xywh=0,108,192,108

00:00:01.502 --> 00:00:02.002
1.jpg#xywh=192,108,192,108

00:00:02.002 --> 00:00:02.503
2.jpg#xywh=0,0,192,108

00:00:02.503 --> 00:00:03.003
2.jpg#xywh=192,0,192,108

00:00:03.003 --> 00:00:03.400
2.jpg#xywh=0,108,192,108
`);
  });

  test("hours", () => {
    const sheets = [{ tiles: 1, sizeBytes: 1 }];
    const twelve = { ...track, tileTicks: 24_000 * 3600, sheets: Array(13).fill(sheets[0]) };
    const index = buildThumbnailIndex(twelve, 13 * 3600);
    expect(index).toContain("12:00:00.000 --> 13:00:00.000\n13.jpg#xywh=0,0,192,108\n");
  });

  test("cues are never empty and follow each other, also for 20 ms", () => {
    const counts = fc.integer({ min: 1, max: 60 });
    const ticks = fc.integer({ min: 400, max: 24_000 * 60 });
    fc.assert(
      fc.property(
        counts,
        ticks,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tiles, tick, part) => {
          const one = { ...track, tileTicks: tick, sheets: [{ tiles, sizeBytes: 1 }] };
          const index = buildThumbnailIndex(one, ((tiles - 1 + part) * tick) / track.timescale);
          const times = [...index.matchAll(/(\S+) --> (\S+)/g)].map(([, a = "", b = ""]) => [a, b]);
          expect(times).toHaveLength(tiles);
          times.forEach(([start = "", end = ""], place) => {
            expect(start < end).toBe(true);
            if (place > 0) expect(start).toBe(times[place - 1]?.[1] ?? "");
          });
        },
      ),
    );
  });
});

describe("the AdaptationSet of the thumbnails", () => {
  test("addresses sheets as segments of one duration and ends at the last", () => {
    expect(thumbnailSet(track, 4)(2)).toBe(
      `<AdaptationSet id="2" contentType="image" mimeType="image/jpeg">
  <SegmentTemplate timescale="24000" duration="48048" media="$Number$.jpg" startNumber="1" endNumber="2"/>
  <Representation id="thumbnails" width="384" height="216" bandwidth="50650">
    <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="2x2"/>
    <BaseURL>t/</BaseURL>
  </Representation>
</AdaptationSet>`,
    );
  });

  test("stands last in the manifest, and only where there are thumbnails", () => {
    expect(buildMpd(examplePresentation)).not.toContain("image/jpeg");
    const mpd = buildMpd({ ...examplePresentation, thumbnails: track });
    expect(mpd).toMatch(/audio[\s\S]*<AdaptationSet id="2" contentType="image"[\s\S]*<\/Period>/);
  });
});
