import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { planTranscode } from "../../../src/transcoder/plan/plan.ts";
import { ProgressMeter } from "../../../src/transcoder/progress.ts";

const planFor = (durationSeconds: number | null) =>
  planTranscode(
    {
      container: "mov",
      sizeBytes: 1,
      durationSeconds,
      originSeconds: 0,
      audio: [],
      text: [],
      video: {
        streamIndex: 0,
        codec: "h264",
        width: 1280,
        height: 720,
        sampleAspect: { numerator: 1, denominator: 1 },
        crop: null,
        displayMatrix: null,
        averageRate: { numerator: 25, denominator: 1 },
        baseRate: { numerator: 25, denominator: 1 },
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
      },
    },
    { maxDurationSeconds: 3600 },
  );

describe("progress", () => {
  test("never falls, never claims the end, whatever arrives in whatever order", () => {
    const steps = fc.array(
      fc.record({ rung: fc.constantFrom("360", "720"), position: fc.double({ noNaN: true }) }),
      { maxLength: 500 },
    );
    fc.assert(
      fc.property(
        fc.option(fc.double({ min: 0.1, max: 10, noNaN: true })),
        steps,
        (seconds, all) => {
          let now = 0;
          const meter = new ProgressMeter(planFor(seconds), () => now);
          let before = 0;
          for (const { rung, position } of all) {
            now += 7;
            meter.picture(rung, position);
            const { percent, etaSeconds, speed } = meter.read();
            expect(percent).toBeGreaterThanOrEqual(before);
            expect(percent).toBeLessThan(100);
            expect(etaSeconds ?? 0).toBeGreaterThanOrEqual(0);
            expect(speed ?? 0).toBeGreaterThanOrEqual(0);
            before = percent;
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("at an even pace the time left is right from the first estimate on", () => {
    let now = 0;
    const meter = new ProgressMeter(planFor(60), () => now);
    const totalMs = 30_000;
    for (let picture = 1; picture <= 1500; picture += 1) {
      now = (picture / 1500) * totalMs;
      meter.picture("360", 0);
      meter.picture("720", 0);
      const { etaSeconds, speed } = meter.read();
      if (etaSeconds === null) continue;
      expect(etaSeconds).toBeCloseTo((totalMs - now) / 1000, 3);
      expect(speed).toBeCloseTo(2, 3);
    }
  });

  test("without a length it goes by the bytes read", () => {
    const meter = new ProgressMeter(planFor(null), () => 1000);
    meter.picture("720", 0.4);
    expect(meter.read().percent).toBeCloseTo(40);
  });

  test("the time left follows a machine that has become slower", () => {
    let now = 0;
    const meter = new ProgressMeter(planFor(100), () => now);
    // 2500 pictures for each of two rungs: the first half at 100 a second, then at 50.
    const run = (pictures: number, msEach: number) => {
      for (let picture = 0; picture < pictures; picture += 1) {
        now += msEach;
        for (const rung of ["360", "720"]) meter.picture(rung, 0);
        if (picture % 50 === 0) meter.read();
      }
    };
    run(1250, 10);
    expect(meter.read().etaSeconds).toBeCloseTo(12.5, 0);
    run(1050, 20);
    expect(meter.read().etaSeconds).toBeCloseTo(4, 0);
  });
});
