import { createPrivateKey } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

/** How media reach players; the api's alone. */
export const deliverySettings = {
  DELIVERY: oneOf(["api", "cloudfront"], {
    default: "api",
    description:
      "How media reach players: api (signed addresses of this server) or cloudfront (a CloudFront distribution before MEDIA_BUCKET, with signed cookies).",
  }),
  MEDIA_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://[^/?#]+/?$",
      description:
        "Address of the distribution, for example https://media.example.org; needed with DELIVERY=cloudfront.",
    }),
  ),
  CLOUDFRONT_KEY_PAIR_ID: Type.Optional(
    Type.String({
      minLength: 1,
      description: "Id of the public key in the distribution's trusted key group.",
    }),
  ),
  CLOUDFRONT_PRIVATE_KEY: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "The RSA private key that belongs to it, in PEM; line breaks may be written as \\n.",
    }),
  ),
  MEDIA_COOKIE_DOMAIN: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9.-]+$",
      description:
        "Domain that PUBLIC_URL and MEDIA_URL have in common, for example example.org; cookies for media are set on it.",
    }),
  ),
};

/** The key with its line breaks, as PEM has them. */
export const pemOf = (setting: string): string => setting.replaceAll("\\n", "\n");

type Delivery = {
  readonly DELIVERY: string;
  readonly STORAGE: string;
  readonly PUBLIC_URL?: string;
  readonly MEDIA_URL?: string;
  readonly CLOUDFRONT_PRIVATE_KEY?: string;
  readonly MEDIA_COOKIE_DOMAIN?: string;
};

/** What is wrong with the settings of a distribution taken together, a line each. */
export const deliveryProblems = (settings: Delivery): string[] => {
  if (settings.DELIVERY !== "cloudfront") {
    return [];
  }
  const { STORAGE, PUBLIC_URL, MEDIA_URL, CLOUDFRONT_PRIVATE_KEY, MEDIA_COOKIE_DOMAIN } = settings;
  const problems: string[] = [];
  if (STORAGE !== "s3") {
    problems.push(
      "STORAGE: must be s3 with DELIVERY=cloudfront; a distribution reads from a bucket.",
    );
  }
  if (CLOUDFRONT_PRIVATE_KEY !== undefined && !isRsaKey(CLOUDFRONT_PRIVATE_KEY)) {
    problems.push(
      "CLOUDFRONT_PRIVATE_KEY: is no RSA private key in PEM; make one with `openssl genrsa 2048`.",
    );
  }
  for (const [name, url] of Object.entries({ PUBLIC_URL, MEDIA_URL })) {
    if (url !== undefined && MEDIA_COOKIE_DOMAIN !== undefined && URL.canParse(url)) {
      if (!`.${new URL(url).hostname}`.endsWith(`.${MEDIA_COOKIE_DOMAIN}`)) {
        problems.push(
          `MEDIA_COOKIE_DOMAIN: must be the end of ${name}'s host name, or no browser takes the cookies.`,
        );
      }
    }
  }
  return problems;
};

const isRsaKey = (setting: string): boolean => {
  try {
    return createPrivateKey(pemOf(setting)).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
};
