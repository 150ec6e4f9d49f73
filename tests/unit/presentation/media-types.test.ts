import { expect, test } from "bun:test";
import {
  deliveredCacheControl,
  mediaTypeOf,
  storedHeaders,
} from "../../../src/presentation/media-types.ts";

test.each([
  ["manifest.mpd", "application/dash+xml", true],
  ["master.m3u8", "application/vnd.apple.mpegurl", true],
  ["v/720p/playlist.m3u8", "application/vnd.apple.mpegurl", true],
  ["v/720p/init.mp4", "video/mp4", false],
  ["v/720p/1.m4s", "video/mp4", false],
  ["a/en/1.m4s", "audio/mp4", false],
  ["s/en/text.vtt", "text/vtt; charset=utf-8", false],
  ["t/1.jpg", "image/jpeg", false],
])("%s is %s", (name, contentType, changes) => {
  expect(mediaTypeOf(name)).toEqual({ contentType, changes });
  expect(storedHeaders(name)).toEqual({
    contentType,
    cacheControl: changes ? "no-cache" : "max-age=31536000, immutable",
  });
});

test.each(["result.json", "presentation.json", "x", "constructor", "v/__proto__"])(
  "%s is not delivered, and has a type where it is stored",
  (name) => {
    expect(mediaTypeOf(name)).toBeNull();
    expect(storedHeaders(name)).toEqual({
      contentType: name.endsWith(".json") ? "application/json" : "application/octet-stream",
      cacheControl: "no-cache",
    });
  },
);

test("what the api delivers is for one browser's cache", () => {
  expect(deliveredCacheControl({ contentType: "", changes: true })).toBe("private, no-cache");
  expect(deliveredCacheControl({ contentType: "", changes: false })).toBe(
    "private, max-age=31536000, immutable",
  );
});
