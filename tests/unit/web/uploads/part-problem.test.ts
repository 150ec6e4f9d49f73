import { describe, expect, test } from "bun:test";
import { retryAdvice } from "../../../../src/web/uploads/backoff.ts";
import { partProblem } from "../../../../src/web/uploads/part-problem.ts";

/** As S3 answers, with the fields of AWS's documentation. */
const xml = (code: string, message = "x") =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;

describe("what the page makes of a store's answer", () => {
  test.each([
    [403, xml("AccessDenied", "Request has expired"), "url_expired", "now"],
    [403, xml("ExpiredToken", "The provided token has expired."), "url_expired", "now"],
    [403, xml("SignatureDoesNotMatch"), "url_signature_invalid", "now"],
    [403, xml("AccessDenied", "Access Denied"), "url_signature_invalid", "now"],
    [400, xml("BadDigest"), "part_corrupted", "later"],
    [400, xml("RequestTimeout"), "timeout", "later"],
    [404, xml("NoSuchUpload"), "upload_closed", "never"],
    [503, xml("SlowDown"), "unexpected", "later"],
    [500, xml("InternalError"), "unexpected", "later"],
    [400, xml("InvalidRequest"), "unexpected", "never"],
    [502, "<html><title>Bad gateway</title></html>", "unexpected", "later"],
    [403, '{"code":"url_expired"}', "url_expired", "now"],
    [409, '{"code":"part_changed"}', "part_changed", "never"],
  ])("%d %s", (status, text, code, advice) => {
    const problem = partProblem(status, text, null);
    expect(problem.code).toBe(code);
    expect(problem.message.length).toBeGreaterThan(10);
    expect(retryAdvice(problem)).toBe(advice as ReturnType<typeof retryAdvice>);
  });

  test("a wait that is asked for counts", () => {
    expect(partProblem(503, xml("SlowDown"), "7").details.retryAfterSeconds).toBe(7);
  });
});
