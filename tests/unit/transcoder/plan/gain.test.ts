import { expect, test } from "bun:test";
import fc from "fast-check";
import { CEILING_DBTP, gainFor } from "../../../../src/transcoder/plan/gain.ts";

const level = (integratedLufs: number, truePeakDbtp: number) => ({ integratedLufs, truePeakDbtp });

test.each([
  ["quiet sound is raised to the target", level(-30, -18), -16, 14],
  ["loud sound is lowered to it", level(-8, 0.5), -16, -8],
  ["peaks stop at the ceiling", level(-30, -6), -16, 5],
  [
    "peaks above the ceiling come down to it, even where the whole is quiet",
    level(-20, 1),
    -16,
    -2,
  ],
  ["what nobody would hear is not done", level(-16.05, -9), -16, 0],
  ["silence is left alone", null, -16, 0],
  ["without a target all is left alone", level(-30, 2), null, 0],
] as const)("%s", (_, loudness, target, gain) => {
  expect(gainFor(loudness, target)).toBeCloseTo(gain, 6);
});

test("never past the target, never past the ceiling, and at one of them", () => {
  const levels = fc.double({ min: -69, max: 5, noNaN: true });
  fc.assert(
    fc.property(levels, levels, fc.integer({ min: -40, max: -5 }), (lufs, peak, target) => {
      const gain = gainFor(level(lufs, peak), target);
      const overTarget = lufs + gain - target;
      const overCeiling = peak + gain - CEILING_DBTP;
      expect(Math.max(overTarget, overCeiling)).toBeLessThan(0.11);
      expect(Math.max(overTarget, overCeiling)).toBeGreaterThan(-0.11);
    }),
  );
});
