import { expect, test } from "bun:test";
import { createLaunchPause } from "../../../src/videos/launch-pause.ts";

test("each refusal in a row doubles the pause up to about a minute, and room ends it", () => {
  const pause = createLaunchPause(() => 0);
  const lengths: number[] = [];
  for (let times = 0; times < 10; times += 1) {
    pause.after("deferred", 0);
    let ms = 0;
    while (pause.isOn(ms)) ms += 500;
    lengths.push(ms / 1000);
  }
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64, 64]);
  pause.after("done", 0);
  expect(pause.isOn(0)).toBe(false);
  pause.after("deferred", 0);
  expect(pause.isOn(999)).toBe(true);
  expect(pause.isOn(1_000)).toBe(false);
});
