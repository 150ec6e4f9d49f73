import { expect, test } from "bun:test";
import type { SignedPart, UploadBody } from "../../../../src/http/schemas.ts";
import { encodeCrc32 } from "../../../../src/storage/part-checksum.ts";
import { ApiError, problemFrom, unreachable } from "../../../../src/web/api/problem.ts";
import { createSlots } from "../../../../src/web/uploads/slots.ts";
import { transfer } from "../../../../src/web/uploads/transfer.ts";

const PART_BYTES = 10;
const bytes = Uint8Array.from({ length: 95 }, (_, index) => index);
const file = new Blob([bytes]);
const FAR = "2999-01-01T00:00:00.000Z";

const uploadWith = (receivedParts: number[]): UploadBody => ({
  id: "u",
  videoId: "v",
  fileName: "a.mp4",
  sizeBytes: bytes.length,
  partBytes: PART_BYTES,
  partCount: 10,
  status: "open",
  receivedParts,
  receivedBytes: 0,
  createdAt: FAR,
  expiresAt: FAR,
});

const signed = (partNumber: number, round = 1): SignedPart => ({
  partNumber,
  offset: (partNumber - 1) * PART_BYTES,
  sizeBytes: Math.min(PART_BYTES, bytes.length - (partNumber - 1) * PART_BYTES),
  method: "PUT",
  url: `/part/${partNumber}?round=${round}`,
  headers: {},
  expiresAt: FAR,
});

/** A server that keeps parts, and fails as told: `fail` gets the part and how often it came before. */
const createServer = (
  fail: (part: SignedPart, before: number) => unknown = () => null,
  refuseCompletion: (round: number) => unknown = () => null,
) => {
  const stored = new Map<number, Uint8Array>();
  const checksums = new Map<number, string>();
  const sent: number[] = [];
  let underWay = 0;
  let most = 0;
  let signings = 0;
  let completions = 0;
  const progress: number[] = [];
  const run = (upload: UploadBody, signal = new AbortController().signal) =>
    transfer({
      file,
      upload,
      signal,
      slots: createSlots(3),
      sign: async ({ partNumber, checksum }) => {
        signings += 1;
        checksums.set(partNumber, checksum);
        return signed(partNumber, signings);
      },
      send: async ({ part, body, onProgress, signal: stop }) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await Bun.sleep(1);
        underWay -= 1;
        stop.throwIfAborted();
        const before = sent.filter((number) => number === part.partNumber).length;
        sent.push(part.partNumber);
        const failure = fail(part, before);
        if (failure) {
          throw failure;
        }
        onProgress(body.size);
        stored.set(part.partNumber, new Uint8Array(await body.arrayBuffer()));
      },
      complete: async () => {
        completions += 1;
        const refusal = refuseCompletion(completions);
        if (refusal) {
          throw refusal;
        }
      },
      wait: async (_, stop) => stop.throwIfAborted(),
      onProgress: (sentBytes) => progress.push(sentBytes),
      onFinishing: () => undefined,
    });
  const content = () => [...stored].sort(([a], [b]) => a - b).flatMap(([, part]) => [...part]);
  return { run, sent, progress, content, checksums, most: () => most, signings: () => signings };
};

test("every byte arrives once, three parts at a time, and the progress ends at the file's size", async () => {
  const server = createServer();
  await server.run(uploadWith([]));
  expect(server.content()).toEqual([...bytes]);
  expect(server.sent).toHaveLength(10);
  expect(server.most()).toBe(3);
  expect(server.progress.at(-1)).toBe(bytes.length);
  expect(server.signings()).toBe(10);
});

test("each part gets its address for its own bytes", async () => {
  const server = createServer();
  await server.run(uploadWith([]));
  expect(server.checksums.get(10)).toBe(encodeCrc32(Bun.hash.crc32(bytes.subarray(90))));
  expect(new Set(server.checksums.values()).size).toBe(10);
});

test("a resumed upload sends the missing parts alone and starts its progress where it was", async () => {
  const server = createServer();
  await server.run(uploadWith([1, 2, 3, 4, 6, 10]));
  expect(server.sent.toSorted((a, b) => a - b)).toEqual([5, 7, 8, 9]);
  expect(server.progress[0]).toBe(55);
});

test("a lost connection and an expired address are overcome; the address is signed anew", async () => {
  const server = createServer((part, before) => {
    if (before > 0) {
      return null;
    }
    return part.partNumber === 2
      ? unreachable()
      : part.partNumber === 3 && problemFrom(403, '{"code":"url_expired"}');
  });
  await server.run(uploadWith([]));
  expect(server.content()).toEqual([...bytes]);
  expect(server.signings()).toBe(12);
});

test("a part that was damaged on its way is summed up and sent again", async () => {
  const damaged = problemFrom(400, '{"code":"part_corrupted"}');
  const server = createServer((part, before) => part.partNumber === 6 && before < 2 && damaged);
  await server.run(uploadWith([]));
  expect(server.content()).toEqual([...bytes]);
  expect(server.sent.filter((number) => number === 6)).toHaveLength(3);
});

test("an error that repetition cannot help stops the whole transfer and is the one told", async () => {
  const full = problemFrom(507, '{"code":"storage_full","detail":"Full."}');
  const server = createServer((part) => part.partNumber === 4 && full);
  expect(await server.run(uploadWith([])).catch((error: unknown) => error)).toBe(full);
  expect(server.sent.filter((number) => number === 4)).toHaveLength(1);
  expect(server.sent.length).toBeLessThan(10);
});

test("a server that never answers is given up in the end", async () => {
  const server = createServer(() => unreachable());
  const failure = await server.run(uploadWith([])).catch((error: unknown) => error);
  expect((failure as ApiError).code).toBe("unreachable");
});

test("pausing stops with its reason; going on sends the rest", async () => {
  const pause = new AbortController();
  const reason = new Error("paused");
  const server = createServer((part) => {
    if (part.partNumber === 5) {
      pause.abort(reason);
    }
    return null;
  });
  expect(await server.run(uploadWith([]), pause.signal).catch((error: unknown) => error)).toBe(
    reason,
  );
  const received = [...new Set(server.sent)];
  expect(received.length).toBeLessThan(10);
  await server.run(uploadWith(received));
  expect(server.content()).toEqual([...bytes]);
});

test("parts that the server misses at completion are sent again", async () => {
  const incomplete = problemFrom(409, '{"code":"upload_incomplete","missingParts":[3,9]}');
  const server = createServer(undefined, (round) => round === 1 && incomplete);
  await server.run(uploadWith([]));
  expect(server.sent.slice(10).toSorted((a, b) => a - b)).toEqual([3, 9]);
});

test("a completion that never agrees is an error, not a loop", async () => {
  const incomplete = problemFrom(409, '{"code":"upload_incomplete","missingParts":[3]}');
  const server = createServer(undefined, () => incomplete);
  expect(await server.run(uploadWith([])).catch((error: unknown) => error)).toBe(incomplete);
  expect(incomplete).toBeInstanceOf(ApiError);
});
