import { SluiceError } from "../errors.ts";
import { cachedBlocks } from "./block-cache.ts";
import type { Source } from "./source.ts";

/** Tries of one request before the job gives up; with the waits below about six seconds. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 200;
/** A server that is silent for this long is asked again. */
const REQUEST_TIMEOUT_MS = 30_000;

/** A source behind an http(s) address; the server must answer Range requests (RFC 9110, 14). */
export const openHttpSource = async (url: string, signal: AbortSignal): Promise<Source> => {
  const first = await requestRange(url, "bytes=0-0", signal);
  await first.body?.cancel();
  const sizeBytes = totalSize(first);
  const version = first.headers.get("etag") ?? first.headers.get("last-modified") ?? "";
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(offset + length, sizeBytes);
    if (offset >= end) return new Uint8Array(0);
    return retrying(signal, async () => {
      const response = await requestRange(url, `bytes=${offset}-${end - 1}`, signal);
      if (totalSize(response) !== sizeBytes) {
        throw new SluiceError("source_not_found", {
          message: "The source changed while it was being read.",
        });
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (bytes.length !== end - offset) throw new Error(`short answer: ${bytes.length} bytes`);
      return bytes;
    });
  };
  return { kind: "remote", name: url, sizeBytes, version, read: cachedBlocks(sizeBytes, read) };
};

const requestRange = (url: string, range: string, signal: AbortSignal): Promise<Response> =>
  retrying(signal, async () => {
    const response = await fetch(url, {
      headers: { range, "accept-encoding": "identity" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    if (response.status === 206) return response;
    await response.body?.cancel();
    if (response.status === 416) throw new SluiceError("source_empty");
    if (response.status >= 500 || response.status === 429) {
      throw new Error(`the source's server answered ${response.status}`);
    }
    throw new SluiceError("source_not_found", {
      message:
        response.status === 200
          ? "The source's server does not answer Range requests."
          : `The source's server answered ${response.status}.`,
    });
  });

const totalSize = (response: Response): number => {
  const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (total === undefined) {
    throw new SluiceError("source_not_found", {
      message: "The source's server does not say how long the file is.",
    });
  }
  return Number(total);
};

/** Repeats what may pass; a `SluiceError` is a final answer. */
const retrying = async <T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      signal.throwIfAborted();
      if (attempt === ATTEMPTS) {
        throw new SluiceError("transcode_failed", {
          message: "The source could not be read over the network; try again.",
          cause: thrown,
        });
      }
      await Bun.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
};
