import { ApiError, problemFrom } from "../api/problem.ts";

/** What an S3 store says about a part, by the name of its error, in the api's words and statuses. */
const STORE_PROBLEMS: Readonly<Record<string, readonly [code: string, status: number, string]>> = {
  NoSuchUpload: [
    "upload_closed",
    409,
    "This upload was completed or cancelled before and takes no more parts.",
  ],
  BadDigest: ["part_corrupted", 400, "A part of the file did not arrive as it was sent."],
  RequestTimeout: ["timeout", 408, "The connection was too slow for a part of the file."],
  EntityTooLarge: ["part_size_mismatch", 400, "A part of the file is longer than it may be."],
  QuotaExceeded: ["storage_full", 507, "The server's storage is full."],
};

/** Names and words that S3 has for an address, or for credentials behind it, whose time is over. */
const EXPIRY = /^RequestTimeTooSkewed|expired/i;

/**
 * Reads a failed answer to a part: from the api as problem+json, from an S3 store as its XML, which
 * is looked through for the two fields that count:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const partProblem = (status: number, text: string, retryAfter: string | null): ApiError => {
  const name = field(text, "Code");
  const known = name === null ? undefined : STORE_PROBLEMS[name];
  if (known !== undefined) {
    const [code, ourStatus, message] = known;
    return new ApiError(code, ourStatus, message);
  }
  if (name === null || status !== 403) {
    return problemFrom(status, text, retryAfter);
  }
  const expired = EXPIRY.test(`${name} ${field(text, "Message")}`);
  return expired
    ? new ApiError("url_expired", status, "The address for a part of the file has expired.")
    : new ApiError(
        "url_signature_invalid",
        status,
        "The storage refused the address for a part of the file.",
      );
};

const field = (xml: string, name: string): string | null =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? null;
