import { expect, test } from "bun:test";
import { objectVersion } from "../../../src/storage/object-version.ts";

test("an event without quotes and an answer with them name the same version", () => {
  const answered = objectVersion({ etag: '"d41d8cd98f00b204e9800998ecf8427e-2"' });
  expect(answered).toBe("d41d8cd98f00b204e9800998ecf8427e-2");
  expect(objectVersion({ etag: "d41d8cd98f00b204e9800998ecf8427e-2" })).toBe(answered);
});

test("the version id counts before the ETag, but not the one of suspended versioning", () => {
  expect(objectVersion({ etag: '"abc"', versionId: "v1" })).toBe("v1");
  for (const versionId of ["null", "", null, undefined]) {
    expect(objectVersion({ etag: '"abc"', versionId })).toBe("abc");
  }
});
