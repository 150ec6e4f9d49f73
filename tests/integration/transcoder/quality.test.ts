import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { planTranscode } from "../../../src/transcoder/plan/plan.ts";
import { probe } from "../../../src/transcoder/probe.ts";
import { QualityMeans } from "../../../src/transcoder/quality-means.ts";
import { render, WHOLE } from "../../../src/transcoder/render/render.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { RenditionSummary, TranscodeResult } from "../../../src/videos/job-message.ts";
import { media } from "../../fixtures/media.ts";
import { convert, joinTrack, scratch, ssim } from "./judge.ts";

const signal = new AbortController().signal;

/**
 * Largest difference to FFmpeg's own ssim filter over the decoded file: x264 measures pictures that no
 * other refers to before their deblocking, and the filter's source was scaled by another scaler.
 */
const JUDGES_DIFFER_BY = 0.004;

/** Renders with these factors, lowest rung first. @returns the figures by rung, and the segments in `folder` */
const renderAt = async (path: string, folder: string, factors: readonly number[]) => {
  const source = await openSource(path, { signal });
  const limits = { maxDurationSeconds: 3600 };
  const planned = planTranscode((await probe(source, limits)).facts, limits);
  const rungs = planned.rungs.map((rung, index) => ({
    ...rung,
    x264: { ...rung.x264, crf: factors[index] ?? rung.x264.crf },
  }));
  const means = new QualityMeans();
  const keep = async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await Bun.write(join(folder, name), bytes);
  };
  const sink = {
    init: ({ id }: { id: string }, bytes: Uint8Array) => keep(`${id}/init.mp4`, bytes),
    segment: ({ id }: { id: string }, number: number, bytes: Uint8Array) =>
      keep(`${id}/${number}.m4s`, bytes),
    poster: () => {},
    quality: ({ id }: { id: string }, pictures: number, figure: number | null) =>
      means.add(id, pictures, figure ?? Number.NaN),
    sheet: async () => {},
  };
  await render(source, { ...planned, rungs }, WHOLE, sink, { signal, withAudio: false });
  return new Map(rungs.map(({ id }) => [id, means.of(id) ?? Number.NaN]));
};

describe("the quality figure of a rung", () => {
  test("is what a second decoder finds, for each of several encoders at once", async () => {
    await using folder = await scratch();
    const source = await media("landscape-720-10s.mp4");
    // The small rung good, the large one bad: figures that got mixed up would be far off.
    const figures = await renderAt(source, folder.path, [18, 40]);
    for (const [id, figure] of figures) {
      const joined = await joinTrack(join(folder.path, id), join(folder.path, `${id}.mp4`));
      const judged = await ssim(joined, source, 30);
      expect(`${id} ${figure} ${judged} ${Math.abs(figure - judged) <= JUDGES_DIFFER_BY}`).toBe(
        `${id} ${figure} ${judged} true`,
      );
    }
    expect(figures.get("360") ?? 0).toBeGreaterThan((figures.get("720") ?? 1) + 0.02);
  }, 180_000);

  test("falls with every step that looks worse", async () => {
    await using folder = await scratch();
    const source = await media("landscape.mp4");
    const figures: number[] = [];
    for (const factor of [16, 23, 30, 40]) {
      figures.push((await renderAt(source, folder.path, [factor])).get("360") ?? 0);
    }
    expect(figures).toEqual([...figures].sort((a, b) => b - a));
    expect((figures[0] ?? 0) - (figures[3] ?? 0)).toBeGreaterThan(0.02);
  }, 180_000);

  test("stands in the result for every encoded rung, the same at each run", async () => {
    await using folder = await scratch();
    const source = await media("landscape-720-10s.mp4");
    const one = await convert(source, join(folder.path, "one"));
    const two = await convert(source, join(folder.path, "two"));
    expect(one.renditions.map(({ ssim }) => ssim)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(two).toEqual(one);
    expect(Value.Check(TranscodeResult, one)).toBe(true);
  }, 180_000);

  test("renditions stored before there was one stay valid", () => {
    const old = {
      ...{ name: "360p", width: 640, height: 360, frameRate: 25, codecs: "avc1.64001e" },
      ...{ bandwidth: 1, averageBandwidth: 1, bytes: 1 },
    };
    expect(Value.Check(RenditionSummary, old)).toBe(true);
  });
});
