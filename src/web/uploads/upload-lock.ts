/**
 * A lock per upload over all tabs, so that one of them sends and the others know. Without Web Locks
 * (plain http on a network) two tabs may send the same parts, which is wasteful and harmless.
 */
const PREFIX = "sluice-upload:";

/** Runs while holding the upload's lock, waiting for it as long as another tab has it. */
export const holdUpload = async (
  uploadId: string,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> =>
  "locks" in navigator ? navigator.locks.request(PREFIX + uploadId, { signal }, run) : run();

/** Uploads that some tab is sending. */
export const heldUploads = async (): Promise<ReadonlySet<string>> => {
  const { held = [] } = "locks" in navigator ? await navigator.locks.query() : {};
  const names = held.map(({ name }) => name ?? "").filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
};
