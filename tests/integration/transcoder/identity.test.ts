import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { considerCopy } from "../../../src/transcoder/consider-copy.ts";
import { planTranscode } from "../../../src/transcoder/plan/plan.ts";
import { probe } from "../../../src/transcoder/probe.ts";
import { render, type SegmentRange, WHOLE } from "../../../src/transcoder/render/render.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { copyMedia } from "../../fixtures/copy-media.ts";
import { media } from "../../fixtures/media.ts";
import { numberedVideo, timeMedia } from "../../fixtures/time-media.ts";
import { filesBelow, runCommand, scratch, spawnCommand } from "./judge.ts";

const signal = new AbortController().signal;

/** Hashes of everything a run of this range makes, by name. */
const hashes = async (path: string, range: SegmentRange): Promise<Map<string, string>> => {
  const source = await openSource(path, { signal });
  const limits = { maxDurationSeconds: 3600 };
  const { facts } = await probe(source, limits);
  const encoding = planTranscode(facts, limits);
  const considered = { signal, onActivity: () => {} };
  const plan = (await considerCopy(source, facts, encoding, considered)).plan ?? encoding;
  expect(plan.copy !== null).toBe(basename(path).includes("copy-"));
  const made = new Map<string, string>();
  const keep = (name: string, bytes: Uint8Array) => {
    made.set(name, new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
  };
  const sink = {
    init: async ({ id }: { id: string }, bytes: Uint8Array) => keep(`${id}/init.mp4`, bytes),
    segment: async ({ id }: { id: string }, number: number, bytes: Uint8Array) =>
      keep(`${id}/${number}.m4s`, bytes),
    poster: () => {},
    quality: () => {},
    sheet: async (number: number, _: number, bytes: Uint8Array) => keep(`t/${number}.jpg`, bytes),
  };
  await render(source, plan, range, sink, { signal, withAudio: range === WHOLE });
  return made;
};

const openGops = [
  ["open-gop-mpeg2.ts", "-c:v mpeg2video -q:v 3 -g 15 -bf 2"],
  ["open-gop-mpeg2.mpg", "-c:v mpeg2video -q:v 3 -g 15 -bf 2"],
  [
    "open-gop-h264.ts",
    "-c:v libx264 -preset fast -pix_fmt yuv420p -g 35 -bf 3 -x264-params open-gop=1:b-pyramid=normal:b-adapt=0",
  ],
  [
    "open-gop-hevc.mkv",
    "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params open-gop=1:keyint=35:bframes=4:log-level=none",
  ],
] as const;

describe("a segment depends on source, plan and index alone", () => {
  const sources = [
    "tiny-10s.mp4",
    "bframes-open-gop.mp4",
    "noise-10s.mp4",
    "interlaced-10s.mp4",
    "variable-rate-10s.mkv",
    "mpeg2-10s.ts",
  ] as const;
  const files: [string, () => Promise<string>][] = [
    ...sources.map((name): [string, () => Promise<string>] => [name, () => media(name)]),
    // Open GOPs: after a seek the pictures before the keyframe lack what they are made of.
    ...openGops.map(([name, args]): [string, () => Promise<string>] => [
      name,
      () => numberedVideo({ name, time: 25, count: 250, args }),
    ]),
    // Still stretches: a segment that repeats the one before it is what encoding it would give.
    ["slides-26s.mkv", () => timeMedia("slides-26s.mkv")],
    // A rung of the source's own pictures beside an encoded one, and without an index to seek by.
    ["copy-720.mp4", () => copyMedia("copy-720.mp4")],
    ["copy-360.ts", () => copyMedia("copy-360.ts")],
  ];
  for (const [name, make] of files) {
    test(`${name}: twice whole, and each range by itself`, async () => {
      const path = await make();
      const whole = await hashes(path, WHOLE);
      expect(whole.size).toBeGreaterThan(3);
      expect(await hashes(path, WHOLE)).toEqual(whole);
      for (const range of [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
        { from: 2, to: Number.POSITIVE_INFINITY },
      ]) {
        const part = await hashes(path, range);
        expect(part.size).toBeGreaterThan(1);
        for (const [file, hash] of part)
          expect([file, hash]).toEqual([file, whole.get(file) ?? ""]);
      }
    }, 180_000);
  }

  test("a run that is killed in the middle, started again, gives what an undisturbed one gives", async () => {
    await using folder = await scratch();
    const source = await media("noise-10s.mp4");
    const [calm, killed] = [join(folder.path, "calm"), join(folder.path, "killed")];
    expect((await runCommand([source, "--out", calm, "--quiet"])).exitCode).toBe(0);

    const child = spawnCommand([source, "--out", killed, "--quiet"]);
    while (!(await Bun.file(join(killed, "v/360/1.m4s")).exists())) await Bun.sleep(10);
    child.kill("SIGKILL");
    await child.exited;
    expect(await Bun.file(join(killed, "manifest.mpd")).exists()).toBe(false);

    expect((await runCommand([source, "--out", killed, "--overwrite", "--quiet"])).exitCode).toBe(
      0,
    );
    const names = await filesBelow(calm);
    expect(await filesBelow(killed)).toEqual(names);
    for (const name of names) {
      const [a, b] = await Promise.all(
        [calm, killed].map((root) => Bun.file(join(root, name)).bytes()),
      );
      expect([name, Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array())]).toEqual([
        name,
        0,
      ]);
    }
  }, 180_000);
});
