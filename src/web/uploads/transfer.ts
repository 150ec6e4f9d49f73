import type { SignedPart, UploadBody } from "../../http/schemas.ts";
import { ApiError } from "../api/problem.ts";
import { retryAdvice, retryDelayMs } from "./backoff.ts";
import { partChecksum } from "./part-checksum.ts";
import { missingParts, partSize } from "./plan.ts";
import type { Slots } from "./slots.ts";

/** Parts of one file on their way at once; what a browser's six connections leave room for. */
export const PARALLEL_PARTS = 3;
/** Times the server may still miss parts at completion before it is an error. */
const COMPLETION_ROUNDS = 3;

export type TransferOptions = {
  readonly file: Blob;
  /** As the server has it now. */
  readonly upload: UploadBody;
  readonly signal: AbortSignal;
  /** Shared by all files of this tab. */
  readonly slots: Slots;
  /** A new address that takes these bytes of the part alone. @throws ApiError */
  readonly sign: (part: { partNumber: number; checksum: string }) => Promise<SignedPart>;
  /** Sends one part; `onProgress` gets the bytes of it that left. @throws ApiError */
  readonly send: (input: {
    part: SignedPart;
    body: Blob;
    signal: AbortSignal;
    onProgress: (bytes: number) => void;
  }) => Promise<void>;
  /** @throws ApiError `upload_incomplete` with missingParts */
  readonly complete: () => Promise<unknown>;
  /** Resolves after `ms`, or when the connection comes back. @throws the signal's reason */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onProgress: (sentBytes: number) => void;
  readonly onFinishing: () => void;
};

/**
 * Sends what the server does not have yet and completes the upload. Each part is summed up first and
 * gets its address only then, so that whoever takes it takes these bytes or none, and no address is
 * older than its part. Aborting pauses: whole parts stay on the server, and a later transfer of the
 * same upload sends the rest.
 * @throws ApiError when a part failed for good, or the signal's reason
 */
export const transfer = async (options: TransferOptions): Promise<void> => {
  const { upload, complete } = options;
  const received = new Set(upload.receivedParts);
  for (let round = 1; ; round += 1) {
    await sendMissing(options, received);
    options.onFinishing();
    try {
      await retrying(options, complete);
      return;
    } catch (error) {
      const missing = error instanceof ApiError ? error.details.missingParts : [];
      if (missing.length === 0 || round === COMPLETION_ROUNDS) {
        throw error;
      }
      for (const partNumber of missing) {
        received.delete(partNumber);
      }
    }
  }
};

/** A few workers take parts from one list; the first failure stops them all. */
const sendMissing = async (options: TransferOptions, received: Set<number>): Promise<void> => {
  const { upload, onProgress, file } = options;
  const todo = [...missingParts(upload, [...received])];
  const underway = new Map<number, number>();
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const report = (): void => {
    const whole = [...received].reduce((sum, number) => sum + partSize(upload, number), 0);
    onProgress([...underway.values()].reduce((sum, bytes) => sum + bytes, whole));
  };

  const sendOne = async (partNumber: number): Promise<void> => {
    const giveBack = await options.slots.take(signal);
    try {
      await retrying({ ...options, signal }, async () => {
        const offset = (partNumber - 1) * upload.partBytes;
        const body = file.slice(offset, offset + partSize(upload, partNumber));
        const part = await options.sign({ partNumber, checksum: await partChecksum(body) });
        await options.send({
          part,
          body,
          signal,
          onProgress: (bytes) => {
            underway.set(partNumber, bytes);
            report();
          },
        });
      });
      received.add(partNumber);
    } finally {
      underway.delete(partNumber);
      report();
      giveBack();
    }
  };
  const worker = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      await sendOne(next);
    }
  };

  report();
  const workers = Array.from({ length: PARALLEL_PARTS }, () =>
    worker().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  // Whoever failed first aborted the others; its reason is the one to tell.
  signal.throwIfAborted();
};

/** Repeats what fails for a passing reason, after growing waits. */
const retrying = async (
  { signal, wait }: Pick<TransferOptions, "signal" | "wait">,
  attempt: () => Promise<unknown>,
): Promise<void> => {
  for (let retry = 0; ; retry += 1) {
    signal.throwIfAborted();
    try {
      await attempt();
      return;
    } catch (error) {
      const advice = retryAdvice(error);
      const delayMs = retryDelayMs(error, retry, Math.random());
      if (signal.aborted || advice === "never" || delayMs === null) {
        throw error;
      }
      await wait(advice === "now" ? 0 : delayMs, signal);
    }
  }
};
