import { describe, expect, test } from "bun:test";
import { join, normalize, sep } from "node:path";
import fc from "fast-check";
import { SluiceError } from "../../../src/errors.ts";
import { isSafeKey } from "../../../src/storage/object-key.ts";
import { objectPath, prefixPath } from "../../../src/storage/object-path.ts";

describe("object paths", () => {
  test.each([
    "..",
    "../x",
    "a/../b",
    "a/..",
    "/etc/passwd",
    "a//b",
    "a/",
    "",
    ".",
    "a/./b",
    ".incoming/x",
    "a\\..\\b",
    "a\0b",
    "%2e%2e/x",
    "a/%2e%2e",
    "a/ü",
    "C:/x",
    "a\nb",
    "a/b\n",
    "x".repeat(201),
    "x/".repeat(600).concat("x"),
  ])("%j is refused", (key) => {
    expect(isSafeKey(key)).toBe(false);
    expect(() => objectPath("/data", "media", key)).toThrow(SluiceError);
  });

  test.each(["media/0-1/2_3/v/360/1.m4s", "a", "uploads/u/v/source", "a..b", "-x"])(
    "%j lies in its bucket",
    (key) => {
      expect(objectPath("/data", "media", key)).toBe(`/data/media/${key}`);
      expect(prefixPath("/data", "media", `${key}/`)).toBe(`/data/media/${key}`);
    },
  );

  test("a prefix ends in a slash", () => {
    expect(() => prefixPath("/data", "media", "media/x")).toThrow(SluiceError);
    expect(() => prefixPath("/data", "media", "/")).toThrow(SluiceError);
  });

  test("whatever is let through stays below the bucket, whole", () => {
    const nasty = fc.array(
      fc.constantFrom("..", ".", "/", "a", "b.c", "\\", "\0", "%2e", "~", " ", "-", "é"),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          nasty.map((pieces) => pieces.join("")),
          fc.string(),
        ),
        (key) => {
          if (isSafeKey(key)) {
            const path = objectPath("/data", "media", key);
            expect(path).toBe(normalize(path));
            expect(path.startsWith(join("/data", "media") + sep)).toBe(true);
            expect(path.slice("/data/media/".length).split(sep)).toEqual(key.split("/"));
          }
        },
      ),
    );
  });
});
