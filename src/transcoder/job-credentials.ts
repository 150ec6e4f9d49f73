import type { S3Credentials } from "../storage/s3-client.ts";
import type { JobClient } from "./job-client.ts";

/** Long enough for an api that is being replaced; also after SIGTERM, whose checkpoint may need new keys. */
const PATIENCE_MS = 60_000;

/** Keys that the api makes for this job alone; asked for again by the SDK some minutes before they expire. */
export const jobCredentials =
  (client: Pick<JobClient, "fetchCredentials">): S3Credentials =>
  async () => {
    const { expiresAt, ...keys } = await client.fetchCredentials(AbortSignal.timeout(PATIENCE_MS));
    return { ...keys, expiration: new Date(expiresAt) };
  };
