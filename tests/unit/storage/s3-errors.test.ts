import { describe, expect, test } from "bun:test";
import { S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../../../src/errors.ts";
import { fromS3, isMissing, unlessMissing } from "../../../src/storage/s3-errors.ts";

const answer = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: "client", $metadata: { httpStatusCode } });
const named = (name: string) => Object.assign(new Error(name), { name });

describe("what an S3 store answers, in our words", () => {
  test.each([
    ["NoSuchUpload", 404, "upload_closed"],
    ["EntityTooSmall", 400, "upload_size_mismatch"],
    ["BadDigest", 400, "part_corrupted"],
    ["NoSuchBucket", 404, "storage_bucket_missing"],
    ["PermanentRedirect", 301, "storage_bucket_missing"],
    ["AuthorizationHeaderMalformed", 400, "storage_bucket_missing"],
    ["AccessDenied", 403, "storage_denied"],
    ["InvalidAccessKeyId", 403, "storage_denied"],
    ["SignatureDoesNotMatch", 403, "storage_denied"],
    ["UnknownError", 403, "storage_denied"],
    ["InternalError", 500, "storage_unavailable"],
    ["SlowDown", 503, "storage_unavailable"],
    ["XMinioStorageFull", 507, "storage_full"],
  ])("%s (%d) is %s", (name, status, code) => {
    expect(fromS3(answer(name, status))).toMatchObject({ code, cause: { name } });
  });

  test("no credentials and no connection are told apart", () => {
    expect(fromS3(named("CredentialsProviderError"))).toMatchObject({ code: "storage_denied" });
    for (const name of ["TimeoutError", "Error"]) {
      expect(fromS3(named(name))).toMatchObject({ code: "storage_unavailable", fault: "platform" });
    }
  });

  test("bugs stay what they are, and so do our own errors", () => {
    const bug = new TypeError("x is undefined");
    expect(fromS3(bug)).toBe(bug);
    const malformed = answer("InvalidArgument", 400);
    expect(fromS3(malformed)).toBe(malformed);
    const own = new SluiceError("upload_incomplete");
    expect(fromS3(own)).toBe(own);
  });

  test("a missing object is null, whether the answer has a body or not; a missing bucket is not", async () => {
    expect(isMissing(answer("NoSuchKey", 404))).toBe(true);
    expect(isMissing(answer("NotFound", 404))).toBe(true);
    expect(isMissing(answer("NoSuchBucket", 404))).toBe(false);
    expect(isMissing(answer("NoSuchUpload", 404))).toBe(false);
    expect(await unlessMissing(() => Promise.reject(answer("NotFound", 404)))).toBeNull();
  });
});
