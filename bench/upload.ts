/**
 * Speed of uploading 2 GB to the compiled api and the memory it takes, beside a bare handler that
 * streams the same requests to the same disk.
 *
 *     bun run build && bun bench/upload.ts [--rounds 5]
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SignedParts, UploadStarted } from "../src/http/schemas.ts";
import { call, makeAccount } from "./harness/account.ts";
import { startApi } from "./harness/api-process.ts";
import {
  peakResidentBytes,
  processCpuSeconds,
  resetPeak,
  residentBytes,
} from "./harness/process-status.ts";
import { mebibytes, roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

const GOAL = { growthMebibytes: 150, ofBare: 0.9 } as const;

const FILE_BYTES = 2_000_000_000;
/** Parts in flight at once, as the page sends them. */
const CONCURRENCY = 3;
/** The most that the API signs at once. */
const SIGNED_AT_ONCE = 100;
/** Lets the job of the finished upload fail, and the disk write back, before the next arm. */
const SETTLE_MS = 4000;

type Result = {
  readonly megabytesPerSecond: number;
  readonly rssGrowthMebibytes: number;
  readonly serverCpuSeconds: number;
};
type Part = { readonly url: string; readonly headers: HeadersInit; readonly sizeBytes: number };

/** Random, so that no file system compresses it; all parts are slices of the same bytes. */
const bytes = crypto.getRandomValues(Buffer.alloc(65_536));
const body = Buffer.concat(new Array(16 * 16).fill(bytes));
/** The api's default, so that both servers get the same requests. */
const PART_BYTES = body.byteLength;

/** Sends parts, a few at once, until there are none left. */
const sendParts = async (parts: Iterator<Part>): Promise<void> => {
  const sendNext = async (): Promise<void> => {
    for (let next = parts.next(); !next.done; next = parts.next()) {
      const { url, headers, sizeBytes } = next.value;
      const part = body.subarray(0, sizeBytes);
      const response = await fetch(url, { method: "PUT", headers, body: part });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendNext));
};

/** Peak of the server's resident set while `work` runs over what it was before, and the speed. */
const measure = async (pid: number, work: () => Promise<void>): Promise<Result> => {
  await resetPeak(pid);
  const before = await residentBytes(pid);
  const cpuBefore = await processCpuSeconds(pid);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    megabytesPerSecond: FILE_BYTES / 1e6 / seconds,
    rssGrowthMebibytes: mebibytes((await peakResidentBytes(pid)) - before),
    serverCpuSeconds: (await processCpuSeconds(pid)) - cpuBefore,
  };
};

const uploadToApi = async (url: string, pid: number, token: string): Promise<Result> => {
  let videoId = "";
  const result = await measure(pid, async () => {
    const request = { fileName: "bench.mp4", sizeBytes: FILE_BYTES };
    const started = await call<UploadStarted>(`${url}/uploads`, "POST", { body: request, token });
    const { upload } = started;
    videoId = upload.videoId;
    if (upload.partBytes !== PART_BYTES) throw new Error(`parts have ${upload.partBytes} bytes`);
    for (let first = 1; first <= upload.partCount; first += SIGNED_AT_ONCE) {
      const count = Math.min(SIGNED_AT_ONCE, upload.partCount - first + 1);
      const partNumbers = Array.from({ length: count }, (_, index) => first + index);
      const signed = await call<SignedParts>(`${url}/uploads/${upload.id}/parts`, "POST", {
        body: { partNumbers },
        token,
      });
      await sendParts(signed.parts.values());
    }
    await call(`${url}/uploads/${upload.id}/complete`, "POST", { token, body: {} });
  });
  await call(`${url}/videos/${videoId}`, "DELETE", { token });
  await Bun.sleep(SETTLE_MS);
  return result;
};

const uploadToBareHandler = async (folder: string): Promise<Result> => {
  await mkdir(folder);
  const server = Bun.spawn(
    [process.execPath, join(import.meta.dir, "bare-upload-server.ts"), folder],
    {
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  try {
    const { value } = await server.stdout.getReader().read();
    const url = `http://127.0.0.1:${Number(new TextDecoder().decode(value))}/`;
    await Bun.sleep(500);
    const count = Math.ceil(FILE_BYTES / PART_BYTES);
    const parts = Array.from({ length: count }, (_, index) => ({
      url,
      headers: {},
      sizeBytes: Math.min(PART_BYTES, FILE_BYTES - index * PART_BYTES),
    }));
    return await measure(server.pid, () => sendParts(parts.values()));
  } finally {
    server.kill();
    await server.exited;
    await rm(folder, { recursive: true, force: true });
    await Bun.sleep(SETTLE_MS);
  }
};

const rounds = roundsFromCommandLine(5);
const folder = await mkdtemp(join(tmpdir(), "sluice-bench-upload-"));
const dataDir = join(folder, "data");
const api = await startApi(dataDir);
const names = { sluice: "Sluice (dist/api)", bare: "bare Bun.serve handler" } as const;
const results = await (async () => {
  try {
    const token = await makeAccount(api.url, dataDir);
    return await runInterleaved<Result>(
      [
        { name: names.bare, run: () => uploadToBareHandler(join(folder, "bare")) },
        { name: names.sluice, run: () => uploadToApi(api.url, api.pid, token) },
      ],
      rounds,
    );
  } finally {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
})();

const of = (name: string, pick: (result: Result) => number): number[] =>
  (results.get(name) ?? []).map(pick);
const speeds = (name: string): number[] => of(name, (result) => result.megabytesPerSecond);
const growth = (name: string): number[] => of(name, (result) => result.rssGrowthMebibytes);
const cpu = (name: string): number[] => of(name, (result) => result.serverCpuSeconds);
const ratio = median(speeds(names.sluice)) / median(speeds(names.bare));

await writeSection({
  id: "upload",
  title: "Uploading 2 GB",
  command: `bun bench/upload.ts --rounds ${rounds}`,
  programs: [],
  body: `
${FILE_BYTES / 1e9} GB in parts of ${PART_BYTES / 1024 ** 2} MiB, ${CONCURRENCY} at once, over loopback from one client process that shares
the machine. The bare handler streams each part to a file of its own and flushes it; Sluice's time
also holds starting the upload, signing the parts and completing it. RSS growth is the peak while
uploading over what it was just before.

${table([
  ["server", "MB/s, median", "server CPU s, median", "RSS growth MiB, median", "worst"],
  ...Object.values(names).map((name) => [
    name,
    median(speeds(name)).toFixed(0),
    median(cpu(name)).toFixed(2),
    median(growth(name)).toFixed(0),
    Math.max(...growth(name)).toFixed(0),
  ]),
])}

${verdict("throughput of Sluice to the bare handler", ratio, "at least", GOAL.ofBare)}
${verdict("worst RSS growth of Sluice", Math.max(...growth(names.sluice)), "below", GOAL.growthMebibytes, " MiB")}

Raw, MB/s / server CPU s / RSS growth MiB by round:

${Object.values(names)
  .map((name) => {
    const values = speeds(name).map(
      (speed, round) =>
        `${roundTo3(speed)} / ${roundTo3(cpu(name)[round] ?? 0)} / ${growth(name)[round]?.toFixed(0)}`,
    );
    return `- ${name}: ${values.join("; ")}`;
  })
  .join("\n")}
`,
});
