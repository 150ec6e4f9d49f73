import type { JobPlaces } from "./job-policy.ts";

/** A key pair that is worth something for a while. */
export type TemporaryKeys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
};

/**
 * Makes keys that reach the places of one attempt and nothing else.
 * @throws SluiceError `storage_denied`, `storage_unavailable`
 */
export type JobKeys = (
  attempt: { readonly jobId: string; readonly attempt: number } & JobPlaces,
) => Promise<TemporaryKeys>;
