import { S3ServiceException } from "@aws-sdk/client-s3";
import { type ErrorCode, SluiceError } from "../errors.ts";

/**
 * What the store answers with, by the name of its error, in our words:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. A key that is missing is no
 * error for the port; see `isMissing`.
 */
const CODES: Readonly<Record<string, ErrorCode>> = {
  NoSuchUpload: "upload_closed",
  EntityTooSmall: "upload_size_mismatch",
  InvalidPart: "upload_size_mismatch",
  InvalidPartOrder: "upload_size_mismatch",
  BadDigest: "part_corrupted",
  InvalidRange: "range_not_satisfiable",
  QuotaExceeded: "storage_full",
  XMinioStorageFull: "storage_full",
  NoSuchBucket: "storage_bucket_missing",
  PermanentRedirect: "storage_bucket_missing",
  AuthorizationHeaderMalformed: "storage_bucket_missing",
  IllegalLocationConstraintException: "storage_bucket_missing",
};

/** Names under which the SDK says that it found no credentials, or none that it could use. */
const NO_CREDENTIALS = new Set(["CredentialsProviderError", "TokenProviderError", "ProviderError"]);

const statusOf = (thrown: unknown): number | undefined =>
  thrown instanceof S3ServiceException ? thrown.$metadata.httpStatusCode : undefined;

/** The object is not there; answers to HEAD have no body, so that the status is all that tells. */
export const isMissing = (thrown: unknown): boolean =>
  thrown instanceof S3ServiceException &&
  (thrown.name === "NoSuchKey" || (statusOf(thrown) === 404 && CODES[thrown.name] === undefined));

/**
 * Anything that an S3 call threw as a SluiceError: what the store refuses by its own code, what it or
 * the network could not do after all retries as `storage_unavailable`. What is left is a bug of ours
 * and stays as it is.
 */
export const fromS3 = (thrown: unknown): unknown => {
  if (thrown instanceof SluiceError || !(thrown instanceof Error)) {
    return thrown;
  }
  const code = codeFor(thrown);
  return code === null ? thrown : new SluiceError(code, { cause: thrown });
};

const codeFor = (thrown: Error): ErrorCode | null => {
  if (!(thrown instanceof S3ServiceException)) {
    if (NO_CREDENTIALS.has(thrown.name)) {
      return "storage_denied";
    }
    // Programming errors are of the language's own types; what the network throws is not.
    return thrown instanceof TypeError || thrown instanceof RangeError
      ? null
      : "storage_unavailable";
  }
  const status = statusOf(thrown);
  const named = CODES[thrown.name];
  if (named !== undefined) {
    return named;
  }
  if (status === 401 || status === 403) {
    return "storage_denied";
  }
  if (status === 301 || status === 307) {
    return "storage_bucket_missing";
  }
  if (status === 507) {
    return "storage_full";
  }
  const passes = status === undefined || status >= 500 || status === 408 || status === 429;
  return passes || thrown.$retryable !== undefined ? "storage_unavailable" : null;
};

/** Runs `work`; what it throws is put into our words. */
export const onS3 = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw fromS3(thrown);
  }
};

/** Runs `work`; null when the object it is about does not exist. */
export const unlessMissing = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (thrown) {
    if (isMissing(thrown)) {
      return null;
    }
    throw fromS3(thrown);
  }
};
