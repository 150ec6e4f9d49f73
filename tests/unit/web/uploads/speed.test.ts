import { expect, test } from "bun:test";
import { addSample, bytesPerSecond, type SpeedMeter } from "../../../../src/web/uploads/speed.ts";

const meterOf = (...samples: [atMs: number, bytes: number][]): SpeedMeter =>
  samples.reduce<SpeedMeter>((meter, [atMs, bytes]) => addSample(meter, { atMs, bytes }), []);

test("steady bytes give their speed, and too few samples none", () => {
  expect(bytesPerSecond(meterOf())).toBeNull();
  expect(bytesPerSecond(meterOf([0, 0], [100, 999]))).toBeNull();
  expect(bytesPerSecond(meterOf([0, 0], [1000, 500], [2000, 1000]))).toBe(500);
});

test("the past is forgotten, so that a change of speed shows", () => {
  const slow: [number, number][] = Array.from({ length: 20 }, (_, i) => [i * 1000, i]);
  const fast: [number, number][] = Array.from({ length: 20 }, (_, i) => [
    20_000 + i * 1000,
    20 + i * 1_000_000,
  ]);
  expect(bytesPerSecond(meterOf(...slow, ...fast))).toBe(1_000_000);
});

test("bytes taken back never show as a negative speed", () => {
  expect(bytesPerSecond(meterOf([0, 1000], [2000, 10]))).toBe(0);
});
