import { describe, expect, test } from "bun:test";
import { createVerify, generateKeyPairSync } from "node:crypto";
import { cloudFrontAddresses } from "../../../src/http/media-address-cloudfront.ts";
import { deliveryProblems } from "../../../src/settings/delivery.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const addresses = cloudFrontAddresses({
  mediaUrl: "https://media.example.org",
  cookieDomain: "example.org",
  keyPairId: "K2JCJMDEHXQW5F",
  privateKey,
});
const ids = { videoId: "v1", presentationId: "p1" };
const NOW = new Date("2026-11-24T13:00:00Z");
/** The end of the window after the one that NOW lies in. */
const EXPIRY_SECONDS = Date.parse("2026-11-25T00:00:00Z") / 1000;

/** CloudFront's base64 for addresses and cookies. */
const bytesOf = (text: string): Buffer =>
  Buffer.from(
    text.replace(/[-_~]/g, (c) => ({ "-": "+", _: "=", "~": "/" })[c] ?? c),
    "base64",
  );
const isSigned = (policy: Buffer | string, signature: string): boolean =>
  createVerify("RSA-SHA1").update(policy).verify(publicKey, bytesOf(signature));

describe("addresses of a CloudFront distribution", () => {
  test("cookies open one presentation's prefix until the window ends, by a signature over just that", () => {
    const { url, expiresAt, credentials } = addresses.sign(ids, NOW);
    expect(url).toBe("https://media.example.org/media/v1/p1");
    expect(expiresAt.getTime() / 1000).toBe(EXPIRY_SECONDS);
    const cookies = credentials?.cookies ?? {};
    expect(Object.keys(cookies).toSorted()).toEqual([
      "CloudFront-Key-Pair-Id",
      "CloudFront-Policy",
      "CloudFront-Signature",
    ]);
    expect(cookies["CloudFront-Key-Pair-Id"]).toBe("K2JCJMDEHXQW5F");
    const policy = bytesOf(cookies["CloudFront-Policy"] ?? "");
    expect(JSON.parse(policy.toString())).toEqual({
      Statement: [
        {
          Resource: "https://media.example.org/media/v1/p1/*",
          Condition: { DateLessThan: { "AWS:EpochTime": EXPIRY_SECONDS } },
        },
      ],
    });
    expect(isSigned(policy, cookies["CloudFront-Signature"] ?? "")).toBe(true);
    expect(isSigned(`${policy} `, cookies["CloudFront-Signature"] ?? "")).toBe(false);
    expect(credentials).toMatchObject({
      domain: "example.org",
      path: "/media/v1/p1/",
      secure: true,
    });
    const query = new URLSearchParams(credentials?.query);
    expect(query.get("Policy")).toBe(cookies["CloudFront-Policy"] ?? "");
    expect(query.get("Signature")).toBe(cookies["CloudFront-Signature"] ?? "");
    expect(query.get("Key-Pair-Id")).toBe("K2JCJMDEHXQW5F");
  });

  test("a poster has an address that is good by itself, for that file alone", () => {
    const url = new URL(addresses.fileUrl(ids, "poster.jpg", NOW));
    expect(`${url.origin}${url.pathname}`).toBe("https://media.example.org/media/v1/p1/poster.jpg");
    expect(url.searchParams.get("Expires")).toBe(String(EXPIRY_SECONDS));
    const canned = `{"Statement":[{"Resource":"${url.origin}${url.pathname}","Condition":{"DateLessThan":{"AWS:EpochTime":${EXPIRY_SECONDS}}}}]}`;
    expect(isSigned(canned, url.searchParams.get("Signature") ?? "")).toBe(true);
  });

  test("within a window everything stays the same, so that caches find it again; then it changes", () => {
    const later = new Date(NOW.getTime() + 3 * 3600_000);
    const next = new Date(NOW.getTime() + 6 * 3600_000);
    expect(addresses.fileUrl(ids, "poster.jpg", later)).toBe(
      addresses.fileUrl(ids, "poster.jpg", NOW),
    );
    expect(addresses.sign(ids, later)).toEqual(addresses.sign(ids, NOW));
    expect(addresses.sign(ids, next).credentials).not.toEqual(addresses.sign(ids, NOW).credentials);
    expect(addresses.sign({ ...ids, presentationId: "p2" }, NOW).url).toEndWith("/v1/p2");
  });

  test("a list of posters costs its signatures once", () => {
    const posters = () =>
      Array.from({ length: 100 }, (_, n) =>
        addresses.fileUrl({ videoId: `v${n}`, presentationId: "p" }, "poster.jpg", NOW),
      );
    const first = posters();
    const startedMs = performance.now();
    expect(posters()).toEqual(first);
    expect(performance.now() - startedMs).toBeLessThan(50);
  });
});

describe("settings of a distribution", () => {
  const good = {
    DELIVERY: "cloudfront",
    STORAGE: "s3",
    PUBLIC_URL: "https://video.example.org",
    MEDIA_URL: "https://media.example.org",
    CLOUDFRONT_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n"),
    MEDIA_COOKIE_DOMAIN: "example.org",
  };
  test("that fit together are taken, a key on one line among them", () => {
    expect(deliveryProblems(good)).toEqual([]);
    expect(deliveryProblems({ DELIVERY: "api", STORAGE: "disk" })).toEqual([]);
  });
  test("that do not are each named", () => {
    const wrong = {
      ...good,
      STORAGE: "disk",
      CLOUDFRONT_PRIVATE_KEY: "x",
      MEDIA_COOKIE_DOMAIN: "a.b",
    };
    expect(deliveryProblems(wrong).map((line) => line.split(":")[0])).toEqual([
      "STORAGE",
      "CLOUDFRONT_PRIVATE_KEY",
      "MEDIA_COOKIE_DOMAIN",
      "MEDIA_COOKIE_DOMAIN",
    ]);
    expect(deliveryProblems({ ...good, MEDIA_COOKIE_DOMAIN: "ample.org" })).toHaveLength(2);
  });
});
