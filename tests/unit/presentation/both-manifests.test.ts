import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { buildMasterPlaylist } from "../../../src/presentation/hls-master.ts";
import { buildMediaPlaylist } from "../../../src/presentation/hls-media-playlist.ts";
import { buildMpd } from "../../../src/presentation/mpd.ts";
import type { Presentation } from "../../../src/presentation/presentation.ts";
import { parseMpd, parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { anyPresentation } from "./example-presentation.ts";

const root = "https://media.example/token/presentation/";

/** EXTINF has six decimals, and rounding errors do not add up. */
const TIME_TOLERANCE_SECONDS = 1e-6;

const tracksOf = ({ video, audio }: Presentation) => [...video, ...audio];

const resolve = (uri: string, base: string): string => new URL(uri, base).href;

const urlsInMpd = (presentation: Presentation): string[] => {
  const { video, audio } = parseMpd(buildMpd(presentation), `${root}manifest.mpd`);
  return [...video, ...audio].flatMap(({ segments }) => [
    ...new Set(segments.map(({ map }) => map.resolvedUri)),
    ...segments.map(({ resolvedUri }) => resolvedUri),
  ]);
};

const urlsInHls = (presentation: Presentation): string[] => {
  const master = parsePlaylist(buildMasterPlaylist(presentation));
  const languages = Object.values(master.mediaGroups?.AUDIO.audio ?? {});
  const playlists = [...(master.playlists ?? []), ...languages].map(({ uri }) => uri);
  return playlists.flatMap((playlistUri) => {
    const track = tracksOf(presentation).find(({ path }) => playlistUri.startsWith(`${path}/`));
    if (track === undefined) throw new Error(`${playlistUri} belongs to no track`);
    const { segments } = parsePlaylist(buildMediaPlaylist(track, presentation));
    const base = resolve(playlistUri, root);
    return [
      ...new Set(segments.map(({ map }) => resolve(map.uri, base))),
      ...segments.map(({ uri }) => resolve(uri, base)),
    ];
  });
};

const urlsThatExist = (presentation: Presentation): string[] =>
  tracksOf(presentation).flatMap(({ path, segments }) => [
    `${root}${path}/init.mp4`,
    ...segments.map((_, index) => `${root}${path}/${index + 1}.m4s`),
  ]);

describe("both manifests of any presentation", () => {
  test("name exactly the objects that exist", () => {
    fc.assert(
      fc.property(anyPresentation, (presentation) => {
        const expected = urlsThatExist(presentation).sort();
        expect(urlsInMpd(presentation).sort()).toEqual(expected);
        expect(urlsInHls(presentation).sort()).toEqual(expected);
      }),
    );
  });

  test("list every segment's time exactly, without drift", () => {
    fc.assert(
      fc.property(anyPresentation, (presentation) => {
        const { video, audio } = parseMpd(buildMpd(presentation), root);
        for (const track of tracksOf(presentation)) {
          const dash = [...video, ...audio].find(({ attributes }) => attributes.NAME === track.id);
          const hls = parsePlaylist(buildMediaPlaylist(track, presentation));
          let ticks = 0;
          let hlsSeconds = 0;
          track.segments.forEach((segment, index) => {
            ticks += segment.durationTicks;
            hlsSeconds += hls.segments[index]?.duration ?? Number.NaN;
            expect(dash?.segments[index]?.duration).toBe(segment.durationTicks / track.timescale);
            expect(Math.abs(hlsSeconds - ticks / track.timescale)).toBeLessThan(
              TIME_TOLERANCE_SECONDS,
            );
          });
        }
      }),
    );
  });

  test("declare one target duration that no segment exceeds", () => {
    fc.assert(
      fc.property(anyPresentation, (presentation) => {
        const playlists = tracksOf(presentation).map((track) =>
          parsePlaylist(buildMediaPlaylist(track, presentation)),
        );
        expect(new Set(playlists.map(({ targetDuration }) => targetDuration)).size).toBe(1);
        for (const { targetDuration, segments } of playlists) {
          for (const { duration } of segments) {
            expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration);
          }
        }
      }),
    );
  });
});
