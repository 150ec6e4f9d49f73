import { expect, test } from "bun:test";
import { planRungs } from "../../../src/transcoder/plan/rung-plan.ts";
import { filterText } from "../../../src/transcoder/render/filter-text.ts";

const format = { width: 1920, height: 1080, pixelFormat: 0, colorSpace: 1, colorRange: 1 };
const picture = {
  streamIndex: 0,
  deinterlace: "none" as const,
  toneMap: false,
  convertFrom: null,
  orientation: { filters: [], swapsSides: false },
};
const rungs = planRungs({ width: 1920, height: 1080 });

test("a picture that fits is not scaled; each lower rung comes from the one above", () => {
  expect(filterText(format, picture, rungs)).toBe(
    "[in]null,split[out1080][from1080];" +
      "[from1080]scale=1280:720:flags=bicubic,split[out720][from720];" +
      "[from720]scale=640:360:flags=bicubic[out360]",
  );
});

test("what differs is brought into form once, before the rungs part", () => {
  const turned = { ...picture, orientation: { filters: ["transpose=clock"], swapsSides: true } };
  const portrait = planRungs({ width: 540, height: 960 });
  expect(filterText({ ...format, pixelFormat: 62 }, turned, portrait)).toBe(
    "[in]scale=640:360:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv420p,transpose=clock[out360]",
  );
});

test("full range alone asks for a scaler", () => {
  expect(filterText({ ...format, colorRange: 2 }, picture, rungs)).toContain("out_range=tv");
});
