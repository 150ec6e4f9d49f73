import { expect, test } from "bun:test";
import {
  formatAge,
  formatBitrate,
  formatBytes,
  formatDuration,
  formatFrameRate,
  formatRemaining,
} from "../../../src/web/format.ts";

test("bytes", () => {
  expect([0, 999, 1000, 13_300_000, 123_456_789, 2e10, 3e15].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 KB",
    "13.3 MB",
    "123 MB",
    "20.0 GB",
    "3000 TB",
  ]);
});

test("durations", () => {
  expect([0, 9.4, 65, 3599.6, 3729].map(formatDuration)).toEqual([
    "0:00",
    "0:09",
    "1:05",
    "1:00:00",
    "1:02:09",
  ]);
});

test("time left", () => {
  expect([0, 7, 59, 61, 3599, 3600, 5400, 7199].map(formatRemaining)).toEqual([
    "a few seconds",
    "10 s",
    "60 s",
    "1 min",
    "60 min",
    "1 h",
    "1 h 30 min",
    "2 h",
  ]);
});

test("rates", () => {
  expect(formatBitrate(850_400)).toBe("850 kbit/s");
  expect(formatBitrate(4_210_000)).toBe("4.2 Mbit/s");
  expect(formatFrameRate(24_000 / 1001)).toBe("23.98 fps");
  expect(formatFrameRate(30)).toBe("30 fps");
});

test("ages", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const age = (iso: string) => formatAge(iso, now);
  expect(age("2026-11-22T11:59:30Z")).toBe("just now");
  expect(age("2026-11-22T09:00:00Z")).toBe("3 hours ago");
  expect(age("2026-11-21T11:00:00Z")).toBe("yesterday");
  expect(age("2025-10-01T00:00:00Z")).toBe("last year");
  // A server whose clock is ahead.
  expect(age("2026-11-22T12:00:05Z")).toBe("just now");
});
