/**
 * A job from bucket to bucket beside the same job from disk to disk. Every request to the store, which
 * is an emulator on this machine, is held back by 20 ms, as a network would hold it.
 *
 *     bun run build transcoder && bun bench/s3.ts [--rounds 3]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  startMinistack,
  TEST_REGION,
  testAwsEnvironment,
} from "../tests/fixtures/aws/emulators.ts";
import { testS3Client } from "../tests/fixtures/aws/s3-storage.ts";
import { startJobApi } from "../tests/fixtures/job-api.ts";
import { type Cost, measureCommand } from "./harness/cost.ts";
import { realClip } from "./harness/real-clip.ts";
import { mebibytes, roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

const transcoder = join(import.meta.dir, "../dist/transcoder");

/** Added to each request. */
const LATENCY_MS = 20;

const GOAL = { wallRatio: 1.05, rssMib: 700 } as const;

const names = {
  disk: "disk to disk",
  s3: `bucket to bucket, +${LATENCY_MS} ms a request`,
} as const;

const rounds = roundsFromCommandLine(3);
const emulator = await startMinistack();
const folder = await mkdtemp(join(tmpdir(), "sluice-bench-s3-"));
let requests = 0;
let received = 0;
// The emulator is asked by one process, as the store is; the wait is here, beside others.
const store = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 60,
  fetch: async (request) => {
    requests += 1;
    const { pathname, search } = new URL(request.url);
    const body = request.method === "PUT" ? await request.bytes() : null;
    await Bun.sleep(LATENCY_MS);
    const { method, headers } = request;
    const answer = await fetch(`${emulator.url}${pathname}${search}`, { method, headers, body });
    if (method === "GET") received += Number(answer.headers.get("content-length") ?? 0);
    return answer;
  },
});

try {
  const bucket = "films";
  const client = testS3Client(emulator.url);
  await client.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: TEST_REGION },
    }),
  );
  const film = await Bun.file(realClip).bytes();
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: "source", Body: film }));
  const place = (key: string) => ({
    adapter: "s3",
    bucket,
    key,
    region: TEST_REGION,
    endpoint: store.url.origin,
    forcePathStyle: true,
  });
  let run = 0;
  const job = async (places: Parameters<typeof startJobApi>[0]): Promise<Cost> => {
    await using api = startJobApi(places);
    const env = { ...api.env, ...testAwsEnvironment, TMPDIR: folder, SLUICE_CONFINEMENT: "off" };
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const cost = await measureCommand(["env", "-i", ...variables, transcoder, "job"]);
    if (api.events.at(-1)?.type !== "succeeded") throw new Error("the job did not succeed");
    return cost;
  };
  const disk = () => {
    run += 1;
    return job({ source: realClip, output: join(folder, `out-${run}`) });
  };
  const s3 = () => {
    run += 1;
    return job({ source: place("source"), output: place(`out-${run}/`) });
  };
  // Unpacks the addon and fills the kernel's cache.
  await disk();
  const results = await runInterleaved<Cost>(
    [
      { name: names.disk, run: disk },
      { name: names.s3, run: s3 },
    ],
    rounds,
  );
  const of = (name: string, figure: keyof Cost): number[] =>
    (results.get(name) ?? []).map((cost) => cost[figure]);
  const ratio = (figure: keyof Cost): number =>
    median(of(names.s3, figure)) / median(of(names.disk, figure));
  const row = (name: string) => [
    name,
    median(of(name, "wallSeconds")).toFixed(1),
    median(of(name, "cpuSeconds")).toFixed(1),
    roundTo3(mebibytes(Math.max(...of(name, "peakRssBytes")))),
  ];
  const raw = (figure: keyof Cost) =>
    [names.disk, names.s3]
      .map((name) =>
        of(name, figure)
          .map((value) => value.toFixed(1))
          .join(" / "),
      )
      .join("; ");
  await writeSection({
    id: "s3",
    title: "From bucket to bucket",
    command: `bun bench/s3.ts --rounds ${rounds}`,
    programs: ["store: ministack, on the same two processors"],
    body: `
12.46 s of 1080p by \`dist/transcoder job\`, three rungs and AAC. ${Math.round(requests / rounds)} requests a job to the store, which
sent ${roundTo3(received / rounds / 1e6)} MB of a source of ${roundTo3(film.length / 1e6)} MB; its own processor time is not counted, but takes part of the wall time.

${table([["arm", "wall s", "CPU s", "peak RSS MiB"], row(names.disk), row(names.s3)])}

${verdict("wall time of bucket to bucket to disk to disk", ratio("wallSeconds"), "at most", GOAL.wallRatio)}
${verdict("peak RSS of bucket to bucket", mebibytes(Math.max(...of(names.s3, "peakRssBytes"))), "at most", GOAL.rssMib, " MiB")}

CPU time, to disk: ${roundTo3(ratio("cpuSeconds"))}. Raw, wall s: ${raw("wallSeconds")}; CPU s: ${raw("cpuSeconds")}.
`,
  });
  client.destroy();
} finally {
  await store.stop(true);
  await emulator.stop();
  await rm(folder, { recursive: true, force: true });
}
