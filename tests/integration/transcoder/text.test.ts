import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseWebVtt } from "../../../src/text/parse-web-vtt.ts";
import { expectConformant } from "../../fixtures/conformance.ts";
import { media } from "../../fixtures/media.ts";
import { parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { attribute, children, readRepresentations } from "../../fixtures/read-mpd.ts";
import {
  beyondTheEnd,
  delayedMovText,
  lateOrigin,
  longCues,
  mp4WebVtt,
  pictureText,
  severalTracks,
  spoken,
  textFixtures,
} from "../../fixtures/text-media.ts";
import { convert, filesBelow, scratch } from "./judge.ts";

/** Matroska and WebVTT count milliseconds, MP4 as well with the tracks made here; sums round twice. */
const CLOCK_SECONDS = 0.002;

/** ASS counts hundredths of a second. */
const ASS_CLOCK_SECONDS = 0.01;

const cuesOf = async (folder: string, id: string) =>
  parseWebVtt(await Bun.file(join(folder, "s", id, "text.vtt")).text()).cues;

const expectSpoken = async (folder: string, shiftSeconds = 0, clock = CLOCK_SECONDS) => {
  const cues = await cuesOf(folder, "und");
  expect(cues.map(({ text }) => text)).toEqual(spoken.map(({ text }) => text));
  cues.forEach((cue, index) => {
    const said = spoken[index] ?? { startSeconds: -1, endSeconds: -1 };
    expect(Math.abs(cue.startSeconds - said.startSeconds - shiftSeconds)).toBeLessThan(clock);
    expect(Math.abs(cue.endSeconds - said.endSeconds - shiftSeconds)).toBeLessThan(clock);
  });
};

describe("text of the source", () => {
  test.each(Object.entries(textFixtures))(
    "%s is a WebVTT rendition with its words at their times",
    async (name, fixture) => {
      await using folder = await scratch();
      const result = await convert(await fixture(), folder.path);
      expect(result.warnings).toEqual([]);
      expect(result.text).toMatchObject([{ id: "s-und", language: "und", kind: "subtitles" }]);
      await expectSpoken(folder.path, 0, name.startsWith("ASS") ? ASS_CLOCK_SECONDS : undefined);
      await expectConformant(folder.path);
    },
    120_000,
  );

  test("WebVTT in MP4 is read out of its boxes", async () => {
    await using folder = await scratch();
    const { warnings } = await convert(await mp4WebVtt(), folder.path);
    expect(warnings).toEqual([]);
    const cues = await cuesOf(folder.path, "und");
    expect(cues.map(({ text }) => text)).toEqual(spoken.map(({ text }) => text.replace("\n", " ")));
    cues.forEach((cue, index) => {
      expect(Math.abs(cue.startSeconds - (spoken[index]?.startSeconds ?? -1))).toBeLessThan(
        CLOCK_SECONDS,
      );
      expect(Math.abs(cue.endSeconds - (spoken[index]?.endSeconds ?? -1))).toBeLessThan(
        CLOCK_SECONDS,
      );
    });
  }, 120_000);

  test("counts from the first picture, wherever the source's clock begins", async () => {
    await using folder = await scratch();
    await convert(await lateOrigin(), folder.path);
    await expectSpoken(folder.path);
  }, 120_000);

  test("an edit list delays it", async () => {
    await using folder = await scratch();
    await convert(await delayedMovText(), folder.path);
    await expectSpoken(folder.path, 0.1);
  }, 120_000);

  test("several tracks stand in both manifests with language, role, label, forced and default", async () => {
    await using folder = await scratch();
    const result = await convert(await severalTracks(), folder.path);
    expect(result.text).toEqual([
      {
        id: "s-de",
        kind: "subtitles",
        language: "de",
        label: null,
        isDefault: true,
        isForced: false,
      },
      {
        id: "s-en",
        kind: "captions",
        language: "en",
        label: "English for the deaf",
        isDefault: false,
        isForced: false,
      },
      {
        id: "s-de-2",
        kind: "subtitles",
        language: "de",
        label: null,
        isDefault: false,
        isForced: true,
      },
    ]);
    const sets = readRepresentations(await Bun.file(join(folder.path, "manifest.mpd")).text())
      .filter(({ contentType }) => contentType === "text")
      .map(({ set, folder: file }) => ({
        language: attribute(set, "lang"),
        roles: children(set, "Role").map((role) => attribute(role, "value")),
        file,
      }));
    expect(sets).toEqual([
      { language: "de", roles: ["subtitle", "main"], file: "s/de/text.vtt" },
      { language: "en", roles: ["caption"], file: "s/en/text.vtt" },
      { language: "de", roles: ["forced-subtitle"], file: "s/de-2/text.vtt" },
    ]);
    const master = parsePlaylist(await Bun.file(join(folder.path, "master.m3u8")).text());
    const group = master.mediaGroups?.SUBTITLES.text ?? {};
    expect(
      Object.entries(group).map(([name, track]) => [name, track.uri, track.default, track.forced]),
    ).toEqual([
      ["German", "s/de/playlist.m3u8", true, false],
      ["English for the deaf", "s/en/playlist.m3u8", false, false],
      ["German (forced)", "s/de-2/playlist.m3u8", false, true],
    ]);
    for (const { uri } of Object.values(group)) {
      const list = parsePlaylist(await Bun.file(join(folder.path, uri)).text());
      expect(list.segments).toMatchObject([{ uri: "text.vtt" }]);
      expect(Math.abs((list.segments[0]?.duration ?? 0) - result.durationSeconds)).toBeLessThan(
        CLOCK_SECONDS,
      );
    }
    const captions = await cuesOf(folder.path, "en");
    expect(captions).toMatchObject(
      longCues.map((cue, index) => ({ ...cue, text: `[door] Good day ${index + 1}` })),
    );
    await expectConformant(folder.path);
  }, 120_000);

  test("overlapping cues stay, the end of the pictures ends them, and what comes later is left out", async () => {
    await using folder = await scratch();
    const { durationSeconds } = await convert(await beyondTheEnd(), folder.path);
    const cues = await cuesOf(folder.path, "und");
    expect(cues).toMatchObject([
      { startSeconds: 0.5, endSeconds: 1.5, text: "below" },
      { startSeconds: 1, endSeconds: durationSeconds, text: "above" },
    ]);
    expect(cues).toHaveLength(2);
  }, 120_000);

  test("pictures of text are left out with a warning", async () => {
    await using folder = await scratch();
    const { warnings, text } = await convert(await pictureText(), folder.path);
    expect(warnings.map(({ code }) => code)).toEqual(["text_unsupported"]);
    expect(text).toEqual([]);
    expect(await filesBelow(folder.path)).not.toContain("s/und/text.vtt");
    await expectConformant(folder.path);
  }, 120_000);

  test("a source without text has none", async () => {
    await using folder = await scratch();
    expect((await convert(await media("landscape.mp4"), folder.path)).text).toEqual([]);
    expect(await Bun.file(join(folder.path, "master.m3u8")).text()).not.toContain("SUBTITLES");
  }, 120_000);
});
