import { expect, test } from "bun:test";
import { problemFrom, sentenceOf } from "../../../../src/web/api/problem.ts";

test("a problem keeps its sentence, its fields and the parts that are missing", () => {
  const body = {
    code: "validation_failed",
    detail: "Some fields are missing.",
    problems: [{ field: "/password", message: "Too short." }],
    missingParts: [2, 5],
  };
  const error = problemFrom(422, JSON.stringify(body), "30");
  expect(sentenceOf(error)).toBe("Some fields are missing.");
  expect(error.details).toEqual({
    retryAfterSeconds: 30,
    fields: { password: "Too short." },
    missingParts: [2, 5],
  });
});

test("an answer that is no problem+json still gives a sentence", () => {
  for (const text of ["<html>Bad Gateway</html>", "", "null", "7"]) {
    expect(sentenceOf(problemFrom(502, text))).toContain("not expected");
  }
});
