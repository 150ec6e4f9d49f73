import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appleRules, brokenAppleRules } from "../../fixtures/apple-rules/apple-rules.ts";
import {
  type PresentationOnDisk,
  readPresentationOnDisk,
} from "../../fixtures/apple-rules/presentation-on-disk.ts";
import { twoRungsTwoLanguages } from "../../fixtures/conformance-media.ts";
import type { ReadSample, ReadTrack } from "../../fixtures/read-with-mp4box.ts";
import { convert } from "./judge.ts";

type Defect = {
  /** Rules that must object; others may. */
  readonly breaks: readonly string[];
  readonly file: string;
  readonly change: (text: string) => string;
};

const master = "master.m3u8";
const replace = (from: string | RegExp, to: string) => (text: string) => text.replaceAll(from, to);

/** Makes the number behind `name` so many times as large, where it first stands. */
const scale = (name: string, factor: number) => (text: string) =>
  text.replace(new RegExp(`([:,])${name}=(\\d+)`), (_, before, value) => {
    return `${before}${name}=${Math.round(Number(value) * factor)}`;
  });

const lastInf = /#EXTINF:[\d.]+,(?=\n2\.m4s)/g;

/** Defects in words of the playlists; every rule of a playlist has at least one. */
const defects: readonly Defect[] = [
  { breaks: ["1.1"], file: master, change: replace("avc1.", "vp09.") },
  { breaks: ["1.2", "8.20"], file: "v/360/playlist.m3u8", change: replace(/#EXT-X-MAP.*\n/g, "") },
  { breaks: ["1.3a", "1.11"], file: master, change: replace(/avc1\.6400../g, "avc1.640033") },
  { breaks: ["1.3b"], file: master, change: replace(/avc1\.6400../g, "avc1.64003d") },
  { breaks: ["1.4"], file: master, change: replace("avc1.6400", "avc1.4d00") },
  { breaks: ["1.10"], file: master, change: replace("avc1.", "avc3.") },
  { breaks: ["1.19"], file: master, change: replace("FRAME-RATE=30", "FRAME-RATE=90") },
  { breaks: ["1.24", "6.16"], file: master, change: replace("VIDEO-RANGE=SDR", "VIDEO-RANGE=PQ") },
  { breaks: ["1.26", "9.14"], file: master, change: scale("AVERAGE-BANDWIDTH", 1.2) },
  { breaks: ["1.27", "9.13"], file: master, change: scale("BANDWIDTH", 1.2) },
  { breaks: ["9.13"], file: master, change: scale("BANDWIDTH", 1.03) },
  { breaks: ["9.13"], file: master, change: scale("BANDWIDTH", 0.999) },
  { breaks: ["9.14"], file: master, change: scale("AVERAGE-BANDWIDTH", 1.02) },
  { breaks: ["9.14"], file: master, change: scale("AVERAGE-BANDWIDTH", 0.98) },
  { breaks: ["1.33"], file: master, change: replace("RESOLUTION=640x360", "RESOLUTION=640x480") },
  { breaks: ["2.1"], file: "a/eng/playlist.m3u8", change: replace(/#EXT-X-MAP.*\n/g, "") },
  { breaks: ["2.3"], file: master, change: replace("mp4a.40.2", "mp4a.40.42") },
  {
    breaks: ["6.1", "6.6"],
    file: master,
    change: replace(/#EXT-X-I-FRAME-STREAM-INF.*\n/g, ""),
  },
  {
    breaks: ["6.8"],
    file: "v/720/iframes.m3u8",
    change: replace("#EXT-X-I-FRAMES-ONLY\n", ""),
  },
  {
    breaks: ["6.14"],
    file: master,
    change: (text) => text.replace(/(I-FRAME-STREAM-INF.*CODECS=")avc1/g, "$1hvc1"),
  },
  { breaks: ["7.7"], file: "v/360/playlist.m3u8", change: replace("DURATION:4", "DURATION:3") },
  { breaks: ["8.1"], file: "v/360/playlist.m3u8", change: replace(lastInf, "#EXTINF:1.200000,") },
  { breaks: ["8.2"], file: "a/ger/playlist.m3u8", change: replace("DURATION:4", "DURATION:5") },
  { breaks: ["8.3"], file: "a/ger/playlist.m3u8", change: replace(/#EXTINF.*\n2.m4s\n/g, "") },
  { breaks: ["8.6"], file: "v/720/playlist.m3u8", change: replace("TYPE:VOD", "TYPE:EVENT") },
  { breaks: ["8.9"], file: master, change: replace('AUDIO="audio"', 'AUDIO="sound"') },
  { breaks: ["8.10"], file: master, change: replace('LANGUAGE="de",', "") },
  {
    breaks: ["8.22"],
    file: "a/ger/playlist.m3u8",
    change: replace(/#EXTINF:[\d.]+,\n1\.m4s/g, "#EXTINF:3.500000,\n1.m4s"),
  },
  { breaks: ["9.1"], file: master, change: replace(/CODECS="avc1.*?",/g, "") },
  { breaks: ["9.2", "9.4"], file: master, change: replace(/RESOLUTION=\d+x\d+,/g, "") },
  {
    breaks: ["9.3"],
    file: master,
    change: (text) => text.replace(/(I-FRAME-STREAM-INF.*)CODECS="[^"]*",/g, "$1"),
  },
  { breaks: ["9.11"], file: master, change: replace("#EXT-X-INDEPENDENT-SEGMENTS\n", "") },
  { breaks: ["9.15"], file: master, change: replace(/FRAME-RATE=[\d.]+,/g, "") },
  { breaks: ["9.16"], file: master, change: replace(/,VIDEO-RANGE=SDR/g, "") },
  {
    breaks: ["9.19"],
    file: master,
    change: (text) => text.replace("#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SCORE=2,"),
  },
];

/** Defects in the media and in text tracks, made in what was read from the folder. */
const readDefects: Readonly<Record<string, (good: PresentationOnDisk) => PresentationOnDisk>> = {
  "1.13": (good) => withSamples(good, (sample, index) => ({ ...sample, isSync: index === 0 })),
  "7.3": (good) => withSamples(good, (sample) => ({ ...sample, dts: sample.dts * 2 })),
  "7.4": (good) => withSamples(good, (sample) => ({ ...sample, isSync: false })),
  "2.9": (good) => ({ ...good, rates: mapped(good.rates, () => ({ peak: 4e5, average: 4e5 })) }),
  "2.17": (good) => withTracks(good, (track) => ({ ...track, trackCount: 2 })),
  "9.5": (good) => withTracks(good, (track) => ({ ...track, trackCount: 2 })),
  "4.6": (good) =>
    withText(good, {
      CHARACTERISTICS: "public.accessibility.transcribes-spoken-dialog",
      AUTOSELECT: "NO",
    }),
  "4.7": (good) => withText(good, { LANGUAGE: undefined }),
  "5.2": (good) => withText(good, { URI: "v/360/playlist.m3u8" }),
  "5.5": (good) => withText(good, { URI: "nowhere.m3u8" }),
  "5.11": (good) => withText(good, { FORCED: "YES", AUTOSELECT: "NO" }),
};

const mapped = <V>(map: ReadonlyMap<string, V>, change: (value: V) => V): Map<string, V> =>
  new Map([...map].map(([key, value]) => [key, change(value)]));

const withTracks = (good: PresentationOnDisk, change: (track: ReadTrack) => ReadTrack) => ({
  ...good,
  tracks: mapped(good.tracks, change),
});

/** `index` counts the samples of a segment. */
const withSamples = (
  good: PresentationOnDisk,
  change: (sample: ReadSample, index: number) => ReadSample,
) =>
  withTracks(good, (track) => ({
    ...track,
    segments: track.segments.map(({ samples }) => ({ samples: samples.map(change) })),
  }));

const withText = (
  good: PresentationOnDisk,
  attributes: Readonly<Record<string, string | undefined>>,
): PresentationOnDisk => {
  const text = { TYPE: "SUBTITLES", NAME: "x", LANGUAGE: "en", URI: "t.m3u8", ...attributes };
  const written = Object.entries(text).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  const renditions = [...good.master.renditions, Object.fromEntries(written)];
  return { ...good, master: { ...good.master, renditions } };
};

let folder = "";
let good = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-apple-rules-"));
  good = join(folder, "good");
  await convert(await twoRungsTwoLanguages(), good);
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("Apple's rules", () => {
  test("are kept by a presentation of two rungs and two languages", async () => {
    expect(await brokenAppleRules(good)).toEqual([]);
  }, 60_000);

  for (const { breaks, file, change } of defects) {
    test(`${breaks.join(" and ")} object to a defect in ${file}`, async () => {
      const bad = await mkdtemp(join(folder, "bad-"));
      await cp(good, bad, { recursive: true });
      const text = await Bun.file(join(bad, file)).text();
      const changed = change(text);
      expect(changed).not.toBe(text);
      await Bun.write(join(bad, file), changed);
      const broken = (await brokenAppleRules(bad)).map(({ number }) => number);
      expect(broken).toEqual(expect.arrayContaining([...breaks]));
    }, 60_000);
  }

  for (const [number, spoil] of Object.entries(readDefects)) {
    test(`${number} objects to a defect in media or text`, async () => {
      const rule = appleRules.find((each) => each.number === number);
      const presentation = await readPresentationOnDisk(good);
      expect(rule?.check(presentation)).toEqual([]);
      expect(rule?.check(spoil(presentation)).length).toBeGreaterThan(0);
    }, 60_000);
  }

  test("have a defect each", () => {
    const proven = new Set([
      ...defects.flatMap(({ breaks }) => breaks),
      ...Object.keys(readDefects),
    ]);
    expect(appleRules.map(({ number }) => number).filter((each) => !proven.has(each))).toEqual([]);
  });
});
