import { ApiError, problemFrom } from "../api/problem.ts";

/** What an S3 store says about a part, by the name of its error, in the api's words. */
const STORE_PROBLEMS: Readonly<
  Record<string, { readonly code: string; readonly message: string }>
> = {
  NoSuchUpload: {
    code: "upload_closed",
    message: "This upload was completed or cancelled before and takes no more parts.",
  },
  BadDigest: {
    code: "part_corrupted",
    message: "A part of the file did not arrive as it was sent.",
  },
  QuotaExceeded: { code: "storage_full", message: "The server's storage is full." },
  EntityTooLarge: { code: "part_size_mismatch", message: "A part of the file is too long." },
};

const EXPIRED = { code: "url_expired", message: "The address for this part has expired." };
const REFUSED = {
  code: "url_signature_invalid",
  message: "The storage refused the address for this part.",
};

/** Names and words that S3 has for an address, or the credentials behind it, whose time is over. */
const EXPIRY = /^(ExpiredToken|RequestTimeTooSkewed)$|expired/i;

/**
 * Reads a failed answer to a part: from the api as problem+json, from an S3 store as its XML, which
 * is looked through for the two fields that count:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const partProblem = (status: number, text: string, retryAfter: string | null): ApiError => {
  const name = field(text, "Code");
  if (name === null) {
    return problemFrom(status, text, retryAfter);
  }
  const refused =
    EXPIRY.test(name) || EXPIRY.test(field(text, "Message") ?? "") ? EXPIRED : REFUSED;
  const known = STORE_PROBLEMS[name] ?? (status === 403 ? refused : null);
  return known
    ? new ApiError(known.code, status, known.message)
    : problemFrom(status, "", retryAfter);
};

const field = (xml: string, name: string): string | null =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? null;
