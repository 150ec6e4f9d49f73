import { expect, test } from "bun:test";
import { SluiceError } from "../../../src/errors.ts";
import { parseEmail, parseName } from "../../../src/identity/email-address.ts";

test("addresses are trimmed and lower-cased", () => {
  expect(parseEmail("  Ada.Lovelace+video@Example.ORG ")).toBe("ada.lovelace+video@example.org");
  expect(parseEmail("jürgen@müller.example")).toBe("jürgen@müller.example");
  expect(parseEmail("admin@localhost")).toBe("admin@localhost");
});

test("nothing that could be a second recipient, a header or a command gets through", () => {
  for (const text of [
    "a@x.org\nBcc: b@x.org",
    "a@x.org\r\n\r\nbody",
    "a@x.org, b@x.org",
    "a@x.org;b@x.org",
    "Ada <a@x.org>",
    '"a b"@x.org',
    "a@x@y.org",
    "a b@x.org",
    "a\u0000@x.org",
    "a\ud800@x.org",
    "a\u202eb@x.org",
    "@x.org",
    "a@",
    "",
    `${"a".repeat(250)}@x.org`,
  ]) {
    expect(() => parseEmail(text)).toThrow(SluiceError);
  }
});

test("names lose control and direction characters; an empty one is refused", () => {
  expect(parseName(" Ada\tLovelace ")).toBe("Ada Lovelace");
  expect(parseName("Ada\u0000\ud83e")).toBe("Ada \ufffd");
  expect(parseName("Ada\u202eecalevoL")).toBe("Ada ecalevoL");
  expect(() => parseName(" \n ")).toThrow(SluiceError);
});
