import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_FRAME_RATE, MIN_FRAME_RATE } from "../../../../src/transcoder/plan/ladder.ts";
import { planTranscode } from "../../../../src/transcoder/plan/plan.ts";
import { displaySize, planRungs } from "../../../../src/transcoder/plan/rung-plan.ts";
import {
  type SourceFacts,
  toNumber,
  type VideoFacts,
} from "../../../../src/transcoder/source-facts.ts";

const video: VideoFacts = {
  streamIndex: 0,
  codec: "h264",
  width: 1920,
  height: 1080,
  sampleAspect: { numerator: 1, denominator: 1 },
  crop: null,
  displayMatrix: null,
  averageRate: { numerator: 30, denominator: 1 },
  baseRate: { numerator: 30, denominator: 1 },
  pixelFormat: "yuv420p",
  range: "limited",
  primaries: "bt709",
  peakNits: null,
  isDolbyVisionOnly: false,
  matrix: "bt709",
  transfer: "sdr",
  interlaced: false,
  mayBeInterlaced: false,
  pictureTimes: [],
  averageIsExact: false,
};

const source: SourceFacts = {
  container: "mov",
  sizeBytes: 1000,
  durationSeconds: 60,
  originSeconds: 0,
  video,
  audio: [],
  text: [],
};

const limits = { maxDurationSeconds: 3600 };
const plan = (change: Partial<VideoFacts> = {}, facts: Partial<SourceFacts> = {}) =>
  planTranscode({ ...source, ...facts, video: { ...video, ...change } }, limits);
const sizes = (change: Partial<VideoFacts>) =>
  plan(change).rungs.map(({ name, width, height }) => `${name} ${width}x${height}`);

/** The matrix of a phone held upright: a quarter turn clockwise. */
const QUARTER_TURN = [0, 65536, 0, -65536, 0, 0, 0, 0, 1073741824];

describe("the ladder of a source", () => {
  test.each([
    ["1080p", {}, ["360p 640x360", "720p 1280x720", "1080p 1920x1080"]],
    ["4K", { width: 3840, height: 2160 }, ["360p 640x360", "720p 1280x720", "1080p 1920x1080"]],
    [
      "portrait",
      { width: 1080, height: 1920 },
      ["360p 360x640", "720p 720x1280", "1080p 1080x1920"],
    ],
    [
      "a phone's",
      { displayMatrix: QUARTER_TURN },
      ["360p 360x640", "720p 720x1280", "1080p 1080x1920"],
    ],
    [
      "cropped to 1072 lines",
      { height: 1072 },
      ["360p 644x360", "720p 1290x720", "1080p 1920x1072"],
    ],
    ["between two rungs", { width: 960, height: 540 }, ["360p 640x360"]],
    ["below the ladder", { width: 321, height: 241 }, ["240p 320x240"]],
    ["cinema width", { width: 1920, height: 800 }, ["360p 864x360", "720p 1728x720"]],
    [
      "PAL with wide pixels",
      { width: 720, height: 576, sampleAspect: { numerator: 64, denominator: 45 } },
      ["360p 640x360"],
    ],
  ] as const)("%s", (_, change, expected) => {
    expect(sizes(change)).toEqual([...expected]);
  });

  const side = fc.integer({ min: 16, max: 8192 });
  const aspect = fc.record({
    numerator: fc.integer({ min: 1, max: 4 }),
    denominator: fc.integer({ min: 1, max: 4 }),
  });
  const shapes = fc.record({
    width: side,
    height: side,
    sampleAspect: aspect,
    displayMatrix: fc.constantFrom(null, QUARTER_TURN),
  });

  test("always has a rung, even sides, rising sizes, and nothing above the source", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const display = displaySize({ ...video, ...shape });
        const rungs = planRungs(display);
        expect(rungs.length).toBeGreaterThan(0);
        rungs.forEach(({ width, height }, index) => {
          expect([width % 2, height % 2]).toEqual([0, 0]);
          expect(Math.min(width, height)).toBeGreaterThan(0);
          expect(width).toBeLessThanOrEqual(Math.max(2, display.width + 1e-6));
          expect(height).toBeLessThanOrEqual(Math.max(2, display.height + 1e-6));
          const below = rungs[index - 1];
          if (below !== undefined)
            expect(width * height).toBeGreaterThan(below.width * below.height);
        });
        expect(new Set(rungs.map(({ id }) => id)).size).toBe(rungs.length);
      }),
    );
  });

  test("keeps the shape within a pixel's rounding", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const display = displaySize({ ...video, ...shape });
        for (const { width, height } of planRungs(display)) {
          const scale = Math.min(width / display.width, height / display.height);
          expect(Math.abs(width - display.width * scale)).toBeLessThanOrEqual(
            2 + 2 * Math.max(1, display.width / display.height),
          );
        }
      }),
    );
  });
});

describe("time", () => {
  const rate = fc.record({
    numerator: fc.integer({ min: 0, max: 200_000 }),
    denominator: fc.integer({ min: 0, max: 2000 }),
  });

  test("the rate is sane, segments are whole GOPs of about two seconds, ticks are exact", () => {
    fc.assert(
      fc.property(rate, rate, (averageRate, baseRate) => {
        const made = plan({ averageRate, baseRate });
        const fps = toNumber(made.frameRate);
        expect(fps).toBeGreaterThanOrEqual(MIN_FRAME_RATE);
        expect(fps).toBeLessThanOrEqual(MAX_FRAME_RATE);
        const { gopFrames, segmentFrames } = made.timeline;
        expect(segmentFrames).toBe(2 * gopFrames);
        expect(Math.abs(gopFrames / fps - 2)).toBeLessThanOrEqual(0.5 / fps + 1e-9);
        expect(made.timescale / made.ticksPerFrame).toBeCloseTo(fps, 9);
        expect(Number.isInteger(made.timescale) && Number.isInteger(made.ticksPerFrame)).toBe(true);
        expect(made.timescale).toBeLessThan(2 ** 31);
      }),
    );
  });

  const rates = (averageRate: [number, number], baseRate: [number, number]) => {
    const [numerator, denominator] = averageRate;
    const made = plan({
      averageRate: { numerator, denominator },
      baseRate: { numerator: baseRate[0], denominator: baseRate[1] },
    });
    return `${made.frameRate.numerator}/${made.frameRate.denominator}`;
  };

  test.each([
    ["film of slightly varying rate", [13_365_000, 557_431], [24_000, 1001], "24000/1001"],
    ["an average of 29.4 without timestamps", [294, 10], [30, 1], "30000/1001"],
    ["high speed", [240, 1], [240, 1], "60/1"],
    ["100", [100, 1], [100, 1], "50/1"],
    ["an average of 13.7 without timestamps", [137, 10], [60, 1], "15/1"],
    ["an own constant rate", [15, 1], [15, 1], "15/1"],
    ["a slide show", [1, 4], [1, 4], "30/1"],
    ["a header that lies", [1, 100_000], [25, 1], "25/1"],
    ["nothing known", [0, 0], [0, 0], "30/1"],
  ] as const)("%s", (_, average, base, expected) => {
    expect(rates([...average], [...base])).toBe(expected);
  });

  test("no length, no expectation; a cap all the same", () => {
    const made = plan({}, { durationSeconds: null });
    expect(made.expectedFrames).toBeNull();
    expect(made.maxFrames).toBe(30 * 3600);
  });
});

describe("the picture", () => {
  test("untagged pictures count as BT.601 when small and BT.709 when large", () => {
    expect(plan({ matrix: "unknown", width: 640, height: 360 }).picture?.convertFrom).toBe("bt601");
    expect(plan({ matrix: "unknown" }).picture?.convertFrom).toBeNull();
    expect(plan({ matrix: "bt601" }).picture?.convertFrom).toBe("bt601");
  });

  test.each([
    [640, 360, "bt601"],
    [720, 576, "bt601"],
    [960, 540, "bt601"],
    [1280, 528, null],
    [1280, 720, null],
    [544, 960, null],
  ] as const)("%d x %d without a tag", (width, height, from) => {
    expect(plan({ matrix: "unknown", width, height }).picture?.convertFrom).toBe(from);
  });

  test("primaries and curves that differ in light are converted, others are not", () => {
    expect(plan({ primaries: "unknown" }).picture?.light).toBeNull();
    expect(plan({ primaries: "bt470bg" }).picture?.light).toEqual({
      primaries: "bt470bg",
      transfer: "sdr",
    });
    expect(plan({ transfer: "linear" }).picture?.light).toEqual({
      primaries: "bt709",
      transfer: "linear",
    });
    expect(plan({ transfer: "hlg", primaries: "bt2020" }).picture?.light).toBeNull();
  });

  test("the peak of PQ comes from the source, within reason", () => {
    const peak = (peakNits: number | null) =>
      plan({ transfer: "pq", peakNits }).picture?.toneMap?.peakNits;
    expect([null, 4000, 100, 65_535].map(peak)).toEqual([1000, 4000, 400, 10_000]);
  });

  test("high dynamic range is tone-mapped, interlaced pictures are not left so", () => {
    expect(plan({ transfer: "pq" }).picture?.toneMap).toEqual({ transfer: "pq", peakNits: 1000 });
    expect(plan({ mayBeInterlaced: true, interlaced: true }).picture?.deinterlace).toBe("fields");
    expect(plan({ mayBeInterlaced: true }).picture?.deinterlace).toBe("frames");
    expect(plan().picture).toMatchObject({ toneMap: null, deinterlace: "none" });
  });
});

describe("sound", () => {
  test("one track per stream with names of their own; mono stays mono, more than two become two", () => {
    const stream = { codec: "aac", language: "eng", channels: 6 };
    const { audio } = plan(
      {},
      {
        audio: [
          { ...stream, streamIndex: 1 },
          { ...stream, streamIndex: 2 },
          { ...stream, streamIndex: 3, language: "ger", channels: 1 },
        ],
      },
    );
    expect(audio.map(({ id, channels }) => [id, channels])).toEqual([
      ["eng", 2],
      ["eng-2", 2],
      ["ger", 1],
    ]);
  });
});
