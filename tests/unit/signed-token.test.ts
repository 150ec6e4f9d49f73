import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openToken, sealToken } from "../../src/signed-token.ts";

const key = new Uint8Array(32).fill(1);
const payloads = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 6 });

describe("signed tokens", () => {
  test("what was sealed comes back, and the token fits into a path", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const token = sealToken(key, payload);
        expect(token).toMatch(/^[A-Za-z0-9_.-]+$/);
        expect(openToken(key, token)).toEqual(payload);
      }),
    );
  });

  test("a token with any one character changed, added or cut off is worthless", () => {
    const token = sealToken(key, ["upload", 1, 1000]);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      expect(openToken(key, token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
      expect(openToken(key, token.slice(0, index))).toBeNull();
    }
    expect(openToken(key, `${token}A`)).toBeNull();
    expect(openToken(key, `${token}.`)).toBeNull();
    expect(openToken(key, `${token}=`)).toBeNull();
  });

  test("another key opens nothing", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(openToken(new Uint8Array(32).fill(2), sealToken(key, payload))).toBeNull();
      }),
    );
  });

  test("no text at all makes it throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(openToken(key, text)).toBeNull();
      }),
    );
  });
});
