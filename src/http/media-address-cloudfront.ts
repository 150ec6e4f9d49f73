import { getSignedCookies, getSignedUrl } from "@aws-sdk/cloudfront-signer";
import { presentationPrefix } from "../storage/keys.ts";
import { type MediaAddresses, type SignedPresentation, windowEnd } from "./media-address.ts";

export type CloudFrontOptions = {
  /** Base of the distribution, no trailing slash; below it lie the media bucket's keys. */
  readonly mediaUrl: string;
  readonly cookieDomain: string;
  readonly keyPairId: string;
  /** RSA, PEM. */
  readonly privateKey: string;
};

/** Signatures kept, so that a list of videos does not cost one (a millisecond) for each poster each time. */
const KEPT_SIGNATURES = 10_000;

/**
 * Addresses of a CloudFront distribution in front of the media bucket. Presentations are opened by
 * cookies with a custom policy that covers one presentation's prefix alone, single files (posters) by
 * a signed query:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
 */
export const cloudFrontAddresses = (options: CloudFrontOptions): MediaAddresses => {
  const { mediaUrl, cookieDomain: domain, keyPairId, privateKey } = options;
  const signer = { keyPairId, privateKey };
  const secure = mediaUrl.startsWith("https:");
  const folders = remember<SignedPresentation>();
  const files = remember<string>();
  const folderUrl = ({ videoId, presentationId }: { videoId: string; presentationId: string }) =>
    `${mediaUrl}/${presentationPrefix(videoId, presentationId)}`.replace(/\/$/, "");
  return {
    sign: (presentation, now = new Date()) => {
      const expiresAt = windowEnd(now);
      const url = folderUrl(presentation);
      return folders(expiresAt, url, () => {
        const cookies = { ...getSignedCookies({ ...signer, policy: policyOf(url, expiresAt) }) };
        const path = `${new URL(url).pathname}/`;
        return { url, expiresAt, credentials: { ...asCookies(cookies), domain, path, secure } };
      });
    },
    fileUrl: (presentation, name, now = new Date()) => {
      const expiresAt = windowEnd(now);
      const url = `${folderUrl(presentation)}/${name}`;
      return files(expiresAt, url, () => getSignedUrl({ ...signer, url, dateLessThan: expiresAt }));
    },
  };
};

/** `Resource` with its `*` is what canned policies cannot have. */
const policyOf = (url: string, expiresAt: Date): string =>
  JSON.stringify({
    Statement: [
      {
        Resource: `${url}/*`,
        Condition: { DateLessThan: { "AWS:EpochTime": Math.floor(expiresAt.getTime() / 1000) } },
      },
    ],
  });

/** Cookies and query say the same under names that differ by a prefix. */
const asCookies = (signed: Readonly<Record<string, string | number | undefined>>) => {
  const cookies = Object.fromEntries(
    Object.entries(signed).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  const query = Object.entries(cookies)
    .map(([name, value]) => `${name.replace("CloudFront-", "")}=${value}`)
    .join("&");
  return { cookies, query };
};

/** Keeps what was made for one expiry; the next one begins afresh. */
const remember = <T>() => {
  let expiryMs = 0;
  const kept = new Map<string, T>();
  return (expiresAt: Date, key: string, make: () => T): T => {
    if (expiryMs !== expiresAt.getTime() || kept.size >= KEPT_SIGNATURES) {
      kept.clear();
      expiryMs = expiresAt.getTime();
    }
    const known = kept.get(key);
    if (known !== undefined) {
      return known;
    }
    const made = make();
    kept.set(key, made);
    return made;
  };
};
