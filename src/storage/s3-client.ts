import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";

/** A connection that takes longer to open is tried again, ms. */
const CONNECT_MS = 5_000;
/** An answer that takes longer to begin is asked for again, ms: S3 joins even 10,000 parts in less. */
const ANSWER_MS = 60_000;
/**
 * Tries of one request. Between them the SDK waits exponentially longer with full jitter (at most
 * 20 s), and takes the tries from a budget, so that a store that is down is not run over:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html ("standard").
 */
const MAX_ATTEMPTS = 6;

/** A key pair, or what gives one and is asked again shortly before it expires. */
export type S3Credentials = NonNullable<S3ClientConfig["credentials"]>;

export type S3Access = {
  readonly region: string;
  /** Base URL of an S3-compatible store; null for AWS. */
  readonly endpoint: string | null;
  /** Whether buckets stand in the path; most stores other than AWS want it. */
  readonly forcePathStyle: boolean;
  /** Default: the SDK's own chain (environment, profile, container or machine role). */
  readonly credentials?: S3Credentials;
  /** Whether requests carry a checksum wherever S3 takes one (default), or only where it must have one. */
  readonly checksums?: "where-supported" | "where-required";
};

/** A client with our timeouts and retries; whoever makes it calls `destroy()` in the end. */
export const createS3Client = (access: S3Access): S3Client => {
  const { region, endpoint, forcePathStyle, credentials, checksums = "where-supported" } = access;
  return new S3Client({
    region,
    forcePathStyle,
    retryMode: "standard",
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    requestChecksumCalculation:
      checksums === "where-supported" ? "WHEN_SUPPORTED" : "WHEN_REQUIRED",
  });
};
