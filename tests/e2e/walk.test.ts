/** The whole walk over HTTP, as a program would make it, on the compiled executables. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Answer,
  anonymous,
  type Client,
  type SignedPart,
  sendPart,
  signedInClient,
  upload,
} from "./support/client.ts";
import { bytesOf, testClip } from "./support/clips.ts";
import {
  emptyFolder,
  eventually,
  freePort,
  type Platform,
  startPlatform,
} from "./support/platform.ts";

/** A two-second clip takes seconds; the bound only keeps a broken run from hanging. */
const PATIENCE_SECONDS = 120;

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let platform: Platform;
let ada: Client;
beforeAll(async () => {
  folder = await emptyFolder();
  platform = await startPlatform({ cwd: folder.path });
  ada = await signedInClient(platform, "ada@example.org");
}, 120_000);
afterAll(async () => {
  await platform?.stop();
  await folder?.dispose();
});

type Video = {
  status: string;
  failure: { code: string; message: string; retryable: boolean } | null;
  renditions: { name: string }[];
  durationSeconds: number;
  progress: { percent: number; attempt: number } | null;
};
const videoOf = async (client: Client, id: string): Promise<Video> =>
  (await client.request("GET", `/videos/${id}`)).body as unknown as Video;

const settled = (client: Client, id: string): Promise<Video> =>
  eventually(
    "the video to be ready or failed",
    async () => {
      const video = await videoOf(client, id);
      return ["ready", "failed"].includes(video.status) && video;
    },
    PATIENCE_SECONDS,
  );

const expectProblem = (answer: Answer, status: number, code: string): void => {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(String(answer.body.code)).toBe(code);
};

test("a video is uploaded, converted, and every file that its manifests name can be fetched", async () => {
  const clip = await testClip({ seconds: 2, height: 360 });
  const { videoId } = await upload(ada, { name: "counter.mp4", bytes: await bytesOf(clip) });
  const video = await settled(ada, videoId);
  expect(video).toMatchObject({ status: "ready", failure: null, progress: null });
  expect(video.renditions.map(({ name }) => name)).toEqual(["360p"]);
  expect(video.durationSeconds).toBeCloseTo(2, 1);

  const { body: playback } = await ada.request("GET", `/videos/${videoId}/playback`);
  const mpd = await fetch(String(playback.dashUrl));
  expect(mpd.headers.get("content-type")).toBe("application/dash+xml");
  const hls = await fetch(String(playback.hlsUrl));
  expect(hls.headers.get("content-type")).toContain("mpegurl");
  const playlists = (await hls.text()).match(/[^\s"]+\.m3u8/g) ?? [];
  expect(playlists.toSorted()).toEqual([
    "a/und/playlist.m3u8",
    "v/360/iframes.m3u8",
    "v/360/playlist.m3u8",
  ]);
  for (const playlist of playlists) {
    const address = new URL(playlist, String(playback.hlsUrl));
    const names = (await (await fetch(address)).text()).match(/[^\s"]+\.(mp4|m4s)/g) ?? [];
    expect(names.length).toBeGreaterThanOrEqual(2);
    for (const name of names) {
      expect((await fetch(new URL(name, address))).status).toBe(200);
    }
  }
}, 180_000);

test("progress comes as server-sent events and ends with the ready video", async () => {
  const clip = await testClip({ seconds: 10, height: 360 });
  const { videoId } = await upload(ada, { name: "longer.mp4", bytes: await bytesOf(clip) });
  const token = (await ada.request("GET", `/videos/${videoId}`)).status;
  expect(token).toBe(200);
  const seen: Video[] = [];
  await ada.follow(`/videos/${videoId}/events`, (event) => {
    const video = JSON.parse(event.data) as Video;
    seen.push(video);
    return video.status !== "ready" && video.status !== "failed";
  });
  expect(seen.at(-1)?.status).toBe("ready");
  const percents = seen.flatMap(({ progress }) => (progress ? [progress.percent] : []));
  expect(percents.length).toBeGreaterThan(1);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
}, 180_000);

test("a transcoder that is killed in mid-job is noticed and the job finishes", async () => {
  const clip = await testClip({ seconds: 20, height: 720 });
  const { videoId } = await upload(ada, { name: "killed.mp4", bytes: await bytesOf(clip) });
  await eventually(
    "the conversion to be under way",
    async () => ((await videoOf(ada, videoId)).progress?.percent ?? 0) > 5,
    PATIENCE_SECONDS,
  );
  const killed = Bun.spawnSync([
    "pkill",
    "-KILL",
    "-P",
    String(platform.process.pid),
    "transcoder",
  ]);
  expect(killed.exitCode).toBe(0);
  const video = await settled(ada, videoId);
  expect(video.status).toBe("ready");
  expect(video.progress).toBeNull();
  // The first attempt's folder may still lie there, but nothing in it can be taken for a presentation.
  expect(await manifestsOf(videoId)).toHaveLength(1);
}, 240_000);

const manifestsOf = async (videoId: string): Promise<string[]> =>
  (
    await readdir(join(platform.dataDir, "storage/media/media", videoId), { recursive: true })
  ).filter((path) => path.endsWith("manifest.mpd"));

/** Folders alone are no objects: a confined transcoder's own lies there empty until it is swept. */
const mediaFiles = async (videoId: string): Promise<string[]> => {
  const folder = join(platform.dataDir, "storage/media/media", videoId);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

test.each([
  [
    "text renamed to .mp4",
    () => new TextEncoder().encode("this is no video\n".repeat(100)),
    "source_not_media",
  ],
  [
    "a zip archive",
    () => new Uint8Array([0x50, 0x4b, 3, 4, ...new Array(200).fill(0)]),
    "source_not_media",
  ],
  [
    "an MP4 that ends before its index",
    async () => (await bytesOf(await testClip({ seconds: 2, height: 360 }))).slice(0, 20_000),
    "source_truncated",
  ],
])(
  "%s fails with a code and a sentence, and cannot be retried",
  async (name, makeBytes, code) => {
    const { videoId } = await upload(ada, { name: `${name}.mp4`, bytes: await makeBytes() });
    const video = await settled(ada, videoId);
    expect(video.status).toBe("failed");
    expect(video.failure).toMatchObject({ code, retryable: false });
    expect(video.failure?.message.length).toBeGreaterThan(20);
    expectProblem(
      await ada.request("POST", `/videos/${videoId}/retry`),
      409,
      "video_not_retryable",
    );
    expectProblem(
      await ada.request("GET", `/videos/${videoId}/playback`),
      409,
      "video_not_playable",
    );
    expect(await mediaFiles(videoId)).toEqual([]);
  },
  180_000,
);

test("an upload that stops goes on with the parts that are missing, also after kill -9 of the api", async () => {
  // Three parts; what stands behind an MP4's last box does not disturb it.
  const padded = new Uint8Array(12 * 1024 * 1024);
  padded.set(await bytesOf(await testClip({ seconds: 2, height: 360 })));
  const other = await emptyFolder();
  const env = { UPLOAD_PART_BYTES: String(5 * 1024 * 1024), PORT: String(await freePort()) };
  let server = await startPlatform({ cwd: other.path, env });
  try {
    const client = await signedInClient(server, "grace@example.org");
    const started = await client.request("POST", "/uploads", {
      fileName: "big.mp4",
      sizeBytes: padded.length,
    });
    const { upload: begun, parts } = started.body as unknown as {
      upload: { id: string; videoId: string; partCount: number };
      parts: SignedPart[];
    };
    expect(begun.partCount).toBe(3);
    for (const part of parts.slice(0, 2)) {
      expect((await sendPart(part, padded)).ok).toBe(true);
    }
    server.process.kill("SIGKILL");
    await server.process.exited;
    server = await startPlatform({ cwd: other.path, env });
    const again = anonymous(server.url, client.token);
    const received = await again.request("GET", `/uploads/${begun.id}`);
    expect(received.body).toMatchObject({ status: "open", receivedParts: [1, 2] } as object);
    expectProblem(
      await again.request("POST", `/uploads/${begun.id}/complete`),
      409,
      "upload_incomplete",
    );
    const signed = await again.request("POST", `/uploads/${begun.id}/parts`, { partNumbers: [3] });
    const [last] = (signed.body as unknown as { parts: SignedPart[] }).parts;
    expect(last && (await sendPart(last, padded)).ok).toBe(true);
    const both = await Promise.all(
      [1, 2].map(() => again.request("POST", `/uploads/${begun.id}/complete`)),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await settled(again, begun.videoId)).status).toBe("ready");
  } finally {
    await server.stop();
    await other.dispose();
  }
}, 180_000);

test("a video of somebody else is not there, whatever one tries", async () => {
  const clip = await testClip({ seconds: 2, height: 360 });
  const { videoId, uploadId } = await upload(ada, {
    name: "private.mp4",
    bytes: await bytesOf(clip),
  });
  const eve = await signedInClient(platform, "eve@example.org");
  for (const [method, path] of [
    ["GET", `/videos/${videoId}`],
    ["PATCH", `/videos/${videoId}`],
    ["DELETE", `/videos/${videoId}`],
    ["POST", `/videos/${videoId}/retry`],
    ["GET", `/videos/${videoId}/playback`],
    ["GET", `/videos/${videoId}/events`],
  ] as const) {
    const answer = await eve.request(
      method,
      path,
      method === "PATCH" ? { title: "mine" } : undefined,
    );
    expectProblem(answer, 404, "video_not_found");
  }
  expectProblem(await eve.request("GET", `/uploads/${uploadId}`), 404, "upload_not_found");
  expectProblem(await anonymous(platform.url).request("GET", "/videos"), 401, "not_signed_in");
}, 120_000);

test("deleting a video stops its transcoder and leaves no file", async () => {
  const clip = await testClip({ seconds: 20, height: 720 });
  const { videoId } = await upload(ada, { name: "doomed.mp4", bytes: await bytesOf(clip) });
  await eventually(
    "the conversion to be under way",
    async () => ((await videoOf(ada, videoId)).progress?.percent ?? 0) > 0,
    PATIENCE_SECONDS,
  );
  expect((await ada.request("DELETE", `/videos/${videoId}`)).status).toBe(204);
  expectProblem(await ada.request("GET", `/videos/${videoId}`), 404, "video_not_found");
  await eventually(
    "its files to be gone",
    async () => {
      const all = await readdir(join(platform.dataDir, "storage"), { recursive: true });
      return !all.some((path) => path.includes(videoId));
    },
    30,
  );
}, 180_000);
