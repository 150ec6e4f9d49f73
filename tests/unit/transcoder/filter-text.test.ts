import { expect, test } from "bun:test";
import { planRungs } from "../../../src/transcoder/plan/rung-plan.ts";
import { filterText } from "../../../src/transcoder/render/filter-text.ts";

const format = { width: 1920, height: 1080, pixelFormat: 0, colorSpace: 1, colorRange: 1 };
const picture = {
  streamIndex: 0,
  deinterlace: "none" as const,
  toneMap: null,
  convertFrom: null,
  range: "limited" as const,
  light: null,
  orientation: { filters: [], swapsSides: false },
  decoded: { width: 1920, height: 1080 },
  sampleAspect: { numerator: 1, denominator: 1 },
  crop: null,
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
    "[in]scale=640:360:flags=bicubic:in_color_matrix=bt709:in_range=limited:out_color_matrix=bt709:out_range=limited,format=yuv420p,transpose=clock[out360]",
  );
});

test("full range alone asks for a scaler", () => {
  expect(filterText({ ...format, colorRange: 2 }, picture, rungs)).toContain("in_range=full");
});

test("what the container crops is cut off before the picture is scaled", () => {
  const crop = { top: 60, bottom: 60, left: 0, right: 0 };
  const wide = planRungs({ width: 640, height: 320 });
  expect(filterText(format, { ...picture, crop }, wide)).toStartWith(
    "[in]crop=1920:960:0:60,scale=640:320:flags=bicubic",
  );
});

test("a picture that changes its shape on the way is shown whole, between black bars", () => {
  const turned = { ...format, width: 1080, height: 1920 };
  expect(filterText(turned, picture, rungs.slice(0, 1))).toBe(
    "[in]scale=202:360:flags=bicubic:in_color_matrix=bt709:in_range=limited:out_color_matrix=bt709:out_range=limited,format=yuv420p,pad=640:360:(ow-iw)/2:(oh-ih)/2:black[out360]",
  );
  const smaller = { ...format, width: 960, height: 540 };
  expect(filterText(smaller, picture, rungs.slice(0, 1))).not.toContain("pad=");
});
