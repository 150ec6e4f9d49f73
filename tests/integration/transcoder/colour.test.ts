import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { probe } from "../../../src/transcoder/probe.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import {
  type Codes,
  lossless264,
  lossless265,
  PATCH_COLUMNS,
  PATCH_ROWS,
  type PatchVideo,
  patchVideo,
  withDolbyVision,
} from "../../fixtures/colour-media.ts";
import { convert, joinTrack, run, scratch } from "./judge.ts";
import {
  between,
  display,
  each,
  eetf,
  hlg,
  hlgScene,
  type LUMA,
  type PRIMARIES,
  pq,
  srgb,
  type Triple,
  WHITE_NITS,
  yuvOf,
} from "./light.ts";

/** Codes of 8 bits: one of rounding at each end, and one that x264 adds to flat patches at our rate factors. */
const TOLERANCE = 3;

/** A gamut is mapped through 8 or 10 bits of non-linear codes; red of a small value carries that in its chroma. */
const LIGHT_TOLERANCE = 5;

/** Colours whose three values differ, and greys from black to white. */
const COLOURS: readonly Triple[] = [
  ...[0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1].map((grey): Triple => [grey, grey, grey]),
  [0.75, 0.1, 0.1],
  [0.1, 0.75, 0.1],
  [0.1, 0.1, 0.75],
  [0.75, 0.75, 0.1],
  [0.1, 0.75, 0.75],
  [0.75, 0.1, 0.75],
  [0.8, 0.55, 0.45],
  [0.2, 0.35, 0.6],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0.5, 0.25, 0],
];

/** What the made stream stores in the middle of each patch, by the system's decoder. */
const storedCodes = async (folder: string): Promise<Triple[]> => {
  const tracks = (await Array.fromAsync(new Bun.Glob("*/init.mp4").scan(join(folder, "v")))).sort();
  const track = join(folder, "v", (tracks[0] ?? "").replace("/init.mp4", ""));
  const made = await joinTrack(track, join(folder, "joined.mp4"));
  const { out: probed } = await run([
    ..."/usr/bin/ffprobe -v error -of json -show_streams".split(" "),
    made,
  ]);
  const [stream] = (JSON.parse(probed.toString()) as { streams: Record<string, unknown>[] })
    .streams;
  expect(stream).toMatchObject({
    pix_fmt: "yuv420p",
    color_range: "tv",
    color_space: "bt709",
    color_transfer: "bt709",
    color_primaries: "bt709",
  });
  const header = Buffer.from(await Bun.file(join(track, "init.mp4")).bytes());
  expect(header.includes(COLR)).toBe(true);
  const [width, height] = [Number(stream?.width), Number(stream?.height)];
  const { out } = await run([
    ...["/usr/bin/ffmpeg", "-v", "error", "-ss", "0.5", "-i", made, "-frames:v", "1"],
    ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
  ]);
  const chroma = width * height;
  return Array.from({ length: PATCH_COLUMNS * PATCH_ROWS }, (_, patch) => {
    const x = Math.floor((((patch % PATCH_COLUMNS) + 0.5) * width) / PATCH_COLUMNS);
    const y = Math.floor(((Math.floor(patch / PATCH_COLUMNS) + 0.5) * height) / PATCH_ROWS);
    const at = (y >> 1) * (width / 2) + (x >> 1);
    return [
      out[y * width + x] ?? -1,
      out[chroma + at] ?? -1,
      out[chroma + chroma / 4 + at] ?? -1,
    ] as const;
  });
};

/** Only the type and its kind are looked for: `colr`, `nclx` (ISO/IEC 14496-12, 12.1.5), BT.709 three times, limited. */
const COLR = Buffer.from("colrnclx\x00\x01\x00\x01\x00\x01\x00", "latin1");

const check = async (
  video: PatchVideo,
  expected: readonly Triple[],
  tolerance: number,
  source?: string,
): Promise<void> => {
  await using folder = await scratch();
  const { warnings } = await convert(source ?? (await patchVideo(video)), folder.path);
  expect(warnings).toEqual([]);
  const stored = await storedCodes(folder.path);
  const wrong = expected.flatMap((codes, patch) => {
    const found = stored[patch] ?? [-1, -1, -1];
    const isOff = codes.some((code, plane) => Math.abs(code - (found[plane] ?? -1)) > tolerance);
    return isOff ? [`patch ${patch}: ${found} instead of ${codes}`] : [];
  });
  expect(wrong).toEqual([]);
};

const asTags = (primaries: string, transfer: string, matrix: string, range = "tv"): string =>
  `-color_primaries ${primaries} -color_trc ${transfer} -colorspace ${matrix} -color_range ${range}`;

const bt709 = COLOURS.map((colour) => yuvOf(colour, "bt709"));

describe("codes of another matrix or range become BT.709's, limited", () => {
  type Form = readonly [string, keyof typeof LUMA, "limited" | "full", string, [number, number]?];
  const small = [320, 160] as [number, number];
  const forms: Form[] = [
    ["bt709", "bt709", "limited", asTags("bt709", "bt709", "bt709")],
    ["bt709-full", "bt709", "full", asTags("bt709", "bt709", "bt709", "pc")],
    ["bt601", "bt601", "limited", asTags("bt709", "bt709", "smpte170m")],
    ["bt601-full", "bt601", "full", asTags("bt709", "bt709", "bt470bg", "pc")],
    ["smpte240m", "smpte240m", "limited", asTags("bt709", "bt709", "smpte240m")],
    ["bt2020-matrix", "bt2020", "limited", asTags("bt709", "bt709", "bt2020nc")],
    ["fcc", "fcc", "limited", asTags("bt709", "bt709", "fcc")],
    // Untagged: as players guess.
    ["untagged-sd", "bt601", "limited", "", small],
    ["untagged-pal", "bt601", "limited", "", [720, 576]],
    ["untagged-hd", "bt709", "limited", "", [1280, 720]],
    ["untagged-hd-cropped", "bt709", "limited", "", [1280, 528]],
    ["untagged-portrait", "bt709", "limited", "", [544, 960]],
  ];
  test.each(forms)("%s", async (name, matrix, range, tags, size = small) => {
    const patches = COLOURS.map((colour) => yuvOf(colour, matrix, { range }));
    const args = `${lossless264} ${tags}`.trim();
    await check({ name, format: "yuv420p", patches, args, size }, bt709, TOLERANCE);
  });

  test.each([
    ["gamma22", "gamma22"],
    ["srgb", "iec61966-2-1"],
    ["smpte170m", "smpte170m"],
    ["bt2020-10", "bt2020-10"],
  ])("the curve %s is shown as it is", async (name, transfer) => {
    const args = `${lossless264} ${asTags("bt709", transfer, "bt709")}`;
    await check({ name, format: "yuv420p", patches: bt709, args }, bt709, TOLERANCE);
  });

  test("red, green and blue without a matrix", async () => {
    const patches = COLOURS.map(([r, g, b]) => each([g, b, r], (value) => Math.round(255 * value)));
    const args = "-c:v libx264rgb -preset ultrafast -qp 0";
    await check({ name: "rgb", format: "gbrp", patches, args }, bt709, TOLERANCE);
  });
});

describe("light of other primaries or another curve keeps its look", () => {
  const lights = COLOURS.filter((colour) => Math.max(...colour) < 1 || Math.min(...colour) === 1);
  const expected = lights.map((light) => yuvOf(each(light, srgb), "bt709"));
  const sets: [string, keyof typeof PRIMARIES, keyof typeof LUMA, string][] = [
    ["PAL", "bt470bg", "bt601", asTags("bt470bg", "bt709", "bt470bg")],
    ["NTSC", "smpte170m", "bt601", asTags("smpte170m", "smpte170m", "smpte170m")],
    ["BT.2020", "bt2020", "bt2020", asTags("bt2020", "bt2020-10", "bt2020nc")],
    ["Display P3", "smpte432", "bt709", asTags("smpte432", "bt709", "bt709")],
  ];
  test.each(sets)("primaries: %s", async (name, primaries, matrix, tags) => {
    const patches = lights.map((light) =>
      yuvOf(each(between("bt709", primaries, light), srgb), matrix, { bits: 10 }),
    );
    const args = `${lossless264} ${tags}`;
    await check(
      { name: name.replaceAll(/\W/g, "-"), format: "yuv420p10le", patches, args },
      expected,
      LIGHT_TOLERANCE,
    );
  });

  const curves: [string, string, (light: number) => number][] = [
    ["gamma 2.8", "gamma28", (light) => light ** (1 / 2.8)],
    ["linear", "linear", (light) => light],
  ];
  test.each(curves)("curve: %s", async (name, transfer, curve) => {
    const patches = lights.map((light) => yuvOf(each(light, curve), "bt709", { bits: 10 }));
    const args = `${lossless264} ${asTags("bt709", transfer, "bt709")}`;
    await check(
      { name: name.replaceAll(/\W/g, "-"), format: "yuv420p10le", patches, args },
      expected,
      LIGHT_TOLERANCE,
    );
  });
});

/** The tone-mapping filter works in tables of 16 bits in and 8 out; a code of 8 bits is 0.5 % of the range. */
const TONE_TOLERANCE = 6;

/** Jellyfin's filter takes HLG's nominal peak for 766 cd/m²: up to a twentieth of the range darker than BT.2100 says. */
const HLG_TOLERANCE = 12;

const GREY_NITS = [0, 1, 5, 10, 25, 50, 100, 150, WHITE_NITS, 300, 500, 800, 1000];

/** Colours below the knee of the curve, where the gamut alone is mapped; of BT.709's gamut. */
const DIM: readonly Triple[] = [
  [30, 5, 5],
  [5, 30, 5],
  [5, 5, 30],
  [30, 30, 5],
  [5, 30, 30],
  [25, 15, 12],
];

const greys = (nits: readonly number[]): Triple[] => nits.map((each): Triple => [each, each, each]);
const shown =
  (peak: number) =>
  (light: Triple): Triple =>
    yuvOf(
      each(light, (nits) => display(eetf(Math.min(peak, nits), peak))),
      "bt709",
    );
const pqCodes = (light: Triple): Codes =>
  yuvOf(each(between("bt709", "bt2020", light), pq), "bt2020", { bits: 10 });
const hlgCodes = (light: Triple): Codes =>
  yuvOf(each(hlgScene(between("bt709", "bt2020", light)), hlg), "bt2020", { bits: 10 });

const pqTags = asTags("bt2020", "smpte2084", "bt2020nc");
const pqParams = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited";
const hlgArgs = `${lossless265("colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:range=limited")} ${asTags("bt2020", "arib-std-b67", "bt2020nc")} -tag:v hvc1`;
const pqArgs = (more = "") => `${lossless265(pqParams + more)} ${pqTags} -tag:v hvc1`;
const MASTERED_AT_4000 =
  ":master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(40000000,50)";

describe("high dynamic range", () => {
  const lights = [...greys(GREY_NITS), ...DIM];

  test("PQ follows BT.2390 from 1000 cd/m²", async () => {
    const video = {
      name: "pq",
      format: "yuv420p10le",
      patches: lights.map(pqCodes),
      args: pqArgs(),
    } as const;
    await check(video, lights.map(shown(1000)), TONE_TOLERANCE);
  });

  test("PQ that names a peak follows the curve from there", async () => {
    const all = [...lights, ...greys([2000, 4000])];
    const args = pqArgs(`${MASTERED_AT_4000}:max-cll=4000,400`);
    const video = {
      name: "pq-4000",
      format: "yuv420p10le",
      patches: all.map(pqCodes),
      args,
    } as const;
    await check(video, all.map(shown(4000)), TONE_TOLERANCE);
    await check(
      { ...video, name: "pq-4000-mastering", args: pqArgs(MASTERED_AT_4000) },
      all.map(shown(4000)),
      TONE_TOLERANCE,
    );
  });

  test("what is brighter than the peak is white, not darker", async () => {
    const bright = greys([1000, 1500, 2500, 4000, 10_000]);
    const video = {
      name: "pq-bright",
      format: "yuv420p10le",
      patches: bright.map(pqCodes),
      args: pqArgs(),
    } as const;
    await check(
      video,
      bright.map(() => [235, 128, 128]),
      TONE_TOLERANCE,
    );
  });

  test("PQ is mapped after it is scaled down, with the same result", async () => {
    const video = {
      name: "pq-large",
      format: "yuv420p10le",
      patches: lights.map(pqCodes),
      args: pqArgs(),
      size: [960, 480],
    } as const;
    await check(video, lights.map(shown(1000)), TONE_TOLERANCE);
  });

  test("HLG", async () => {
    const video = {
      name: "hlg",
      format: "yuv420p10le",
      patches: lights.map(hlgCodes),
      args: hlgArgs,
    } as const;
    await check(video, lights.map(shown(1000)), HLG_TOLERANCE);
  });
});

describe("Dolby Vision", () => {
  const lights = [...greys(GREY_NITS), ...DIM];
  const plain = {
    name: "dolby",
    format: "yuv420p10le",
    patches: lights.map(pqCodes),
    args: pqArgs(),
  } as const;

  test("profile 8.1 is its HDR10 base layer", async () => {
    const from = await patchVideo(plain);
    const source = await withDolbyVision(from, "pq", { profile: 8, compatibility: 1 });
    await check(plain, lights.map(shown(1000)), TONE_TOLERANCE, source);
  });

  test("profile 8.4 is its HLG base layer", async () => {
    const video = { ...plain, patches: lights.map(hlgCodes), args: hlgArgs };
    const source = await withDolbyVision(await patchVideo(video), "hlg", {
      profile: 8,
      compatibility: 4,
    });
    await check(video, lights.map(shown(1000)), HLG_TOLERANCE, source);
  });

  test("profile 5 has no base layer that others could show and is refused", async () => {
    const source = await withDolbyVision(await patchVideo(plain), "pq", {
      profile: 5,
      compatibility: 0,
    });
    const opened = await openSource(source, { signal: new AbortController().signal });
    await expect(probe(opened, { maxDurationSeconds: 60 })).rejects.toMatchObject({
      code: "source_unsupported_colour",
    });
  });
});
