import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { S3Location } from "../../../src/storage/object-location.ts";
import { s3Objects } from "../../../src/storage/s3-objects.ts";
import { openEarlierAttempt } from "../../../src/transcoder/earlier-attempt.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { Stores } from "../../../src/transcoder/stores.ts";
import { transcode } from "../../../src/transcoder/transcode.ts";
import {
  type Emulator,
  startMinistack,
  TEST_REGION,
  testCredentials,
} from "../../fixtures/aws/emulators.ts";
import { testS3Client } from "../../fixtures/aws/s3-storage.ts";
import { media } from "../../fixtures/media.ts";
import { filesBelow, scratch } from "../../integration/transcoder/judge.ts";

let emulator: Emulator;
let client: S3Client;
const bucket = `transcoder-${crypto.randomUUID()}`;

/** What went to the store, as a proxy in front of it saw it. */
type Seen = { readonly method: string; readonly path: string; readonly range: string | null };
const seen: Seen[] = [];
/** What the proxy answers instead of the store; null passes on. */
let trouble: (request: Request) => Response | null = () => null;
let proxy: ReturnType<typeof Bun.serve>;

beforeAll(async () => {
  emulator = await startMinistack();
  client = testS3Client(emulator.url);
  await client.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: TEST_REGION },
    }),
  );
  proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const range = request.headers.get("range");
      seen.push({ method: request.method, path: pathname, range });
      const answer = trouble(request);
      if (answer !== null) return answer;
      return fetch(`${emulator.url}${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        body: request.method === "PUT" || request.method === "POST" ? await request.bytes() : null,
      });
    },
  });
});

afterAll(async () => {
  client.destroy();
  await proxy.stop(true);
  await emulator.stop();
});

const location = (key: string): S3Location => ({
  adapter: "s3",
  bucket,
  key,
  region: TEST_REGION,
  endpoint: proxy.url.origin,
  forcePathStyle: true,
});

/** Puts a file as a source and says where. */
const upload = async (path: string): Promise<S3Location> => {
  const key = `uploads/user/${crypto.randomUUID()}/source`;
  await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: await Bun.file(path).bytes() }),
  );
  return location(key);
};

const newPrefix = () => location(`media/${crypto.randomUUID()}/${crypto.randomUUID()}/`);

const signal = new AbortController().signal;
const attempt = async (
  source: string | S3Location,
  output: string | S3Location,
  { earlier, abortWhen = () => false }: { earlier?: S3Location; abortWhen?: () => boolean } = {},
): Promise<{ resumed: number | null; error: unknown }> => {
  const controller = new AbortController();
  using stores = new Stores(testCredentials);
  let resumed: number | null = null;
  let error: unknown = null;
  await transcode(source, output, {
    signal: controller.signal,
    stores,
    overwrite: true,
    discardOnFailure: false,
    checkpoints: { earlier: earlier === undefined ? null : openEarlierAttempt(earlier, stores) },
    onActivity: () => {
      if (abortWhen()) controller.abort(new Error("stopped by the test"));
    },
    onEvent: (event) => {
      if (event.type === "resumed") resumed = event.segments;
    },
  }).catch((thrown: unknown) => {
    error = thrown;
  });
  return { resumed, error };
};

const keysBelow = async (prefix: S3Location): Promise<string[]> => {
  const found = s3Objects(client, { uploads: bucket, media: bucket }).list("media", prefix.key);
  const keys: string[] = [];
  for await (const { key } of found) keys.push(key.slice(prefix.key.length));
  return keys.sort();
};

const bytesOf = async ({ key }: S3Location, name: string): Promise<Uint8Array> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key + name }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
};

/** The prefix holds what the folder does. */
const expectSame = async (folder: string, prefix: S3Location): Promise<void> => {
  const names = await filesBelow(folder);
  expect(await keysBelow(prefix)).toEqual(names);
  for (const name of names) {
    const here = await Bun.file(join(folder, name)).bytes();
    expect([name, Buffer.compare(here, await bytesOf(prefix, name))]).toEqual([name, 0]);
  }
};

const uploaded = (prefix: S3Location) =>
  seen.flatMap(({ method, path }) => {
    const start = `/${bucket}/${prefix.key}`;
    return method === "PUT" && path.startsWith(start) ? [path.slice(start.length)] : [];
  });

describe("a transcoder from bucket to bucket", () => {
  test("makes what it makes of a local file, manifests last, with types and cache headers", async () => {
    await using folder = await scratch();
    const path = await media("landscape-720-10s.mp4");
    const local = join(folder.path, "local");
    expect((await attempt(path, local)).error).toBeNull();
    const source = await upload(path);
    const output = newPrefix();
    expect((await attempt(source, output)).error).toBeNull();
    await expectSame(local, output);

    const order = uploaded(output).filter((name) => name !== "checkpoint.json");
    const lastSegment = order.findLastIndex((name) => name.endsWith(".m4s"));
    const firstManifest = order.findIndex((name) => /mpd$|m3u8$/.test(name));
    expect(firstManifest).toBeGreaterThan(lastSegment);
    expect(order.at(-1)).toBe("result.json");
    const head = async (name: string) => {
      const { ContentType, CacheControl } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: output.key + name }),
      );
      return [ContentType, CacheControl];
    };
    expect(await head("v/360/1.m4s")).toEqual(["video/mp4", "max-age=31536000, immutable"]);
    expect(await head("manifest.mpd")).toEqual(["application/dash+xml", "no-cache"]);
  }, 180_000);

  test("fetches a file with its index at the end once, whatever passes are made over it", async () => {
    const path = await media("landscape-720-10s.mp4");
    const file = Buffer.from(await Bun.file(path).bytes());
    expect(file.indexOf("moov")).toBeGreaterThan(file.indexOf("mdat"));
    const source = await upload(path);
    seen.length = 0;
    expect((await attempt(source, newPrefix())).error).toBeNull();
    const reads = seen.filter(({ method, path: at }) => method === "GET" && at.endsWith("/source"));
    const bytes = reads.reduce((sum, { range }) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
      return sum + Math.min(Number(last) + 1, file.length) - Number(first);
    }, 0);
    expect(bytes).toBeLessThanOrEqual(file.length * 1.1);
    expect(reads.length).toBeLessThanOrEqual(Math.ceil(file.length / 2 ** 20) + 1);
  }, 180_000);

  test("an interrupted attempt is gone on with: the store copies its segments itself", async () => {
    await using folder = await scratch();
    const path = await media("landscape-720-10s.mp4");
    const local = join(folder.path, "local");
    await attempt(path, local);
    const source = await upload(path);
    const [first, second] = [newPrefix(), newPrefix()];
    const abortWhen = () => uploaded(first).filter((name) => name.endsWith(".m4s")).length >= 5;
    expect(String((await attempt(source, first, { abortWhen })).error)).toContain("stopped");
    expect(await keysBelow(first)).toContain("checkpoint.json");
    const { resumed, error } = await attempt(source, second, { earlier: first });
    expect(error).toBeNull();
    expect(resumed).toBeGreaterThan(1);
    await expectSame(local, second);
    // Copied headers too.
    const { CacheControl } = await client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: `${second.key}v/360/1.m4s` }),
    );
    expect(CacheControl).toBe("max-age=31536000, immutable");
  }, 180_000);

  test("trouble is told with what to do about it", async () => {
    using stores = new Stores(testCredentials);
    const open = (at: S3Location) => openSource(at, { signal, stores });
    await expect(open(location("uploads/user/nothing/source"))).rejects.toMatchObject({
      code: "source_not_found",
    });
    const source = await upload(await media("no-audio.mp4"));
    trouble = () =>
      new Response("<Error><Code>AccessDenied</Code></Error>", {
        status: 403,
        headers: { "content-type": "application/xml" },
      });
    try {
      await expect(open(source)).rejects.toMatchObject({
        code: "storage_denied",
        message: expect.stringContaining(`s3:GetObject on ${bucket}/${source.key}`),
      });
      const { error } = await attempt(await media("no-audio.mp4"), newPrefix());
      expect(error).toMatchObject({ code: "storage_denied" });
    } finally {
      trouble = () => null;
    }
    const empty = location("uploads/user/empty/source");
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: empty.key, Body: "" }));
    await expect(open(empty)).rejects.toMatchObject({ code: "source_empty" });
  }, 180_000);

  test("a source that changes meanwhile is noticed, and passing trouble is overcome", async () => {
    using stores = new Stores(testCredentials);
    const key = location("uploads/user/changing/source");
    const put = (byte: number) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key.key,
          Body: new Uint8Array(10 << 20).fill(byte),
        }),
      );
    await put(1);
    const source = await openSource(key, { signal, stores });
    if (source.kind !== "remote") throw new Error("a remote source");
    let fails = 2;
    trouble = () => {
      fails -= 1;
      return fails >= 0 ? new Response(null, { status: 503 }) : null;
    };
    expect((await source.read(1_500_000, 1000)).every((byte) => byte === 1)).toBe(true);
    trouble = () => null;
    await put(2);
    await expect(source.read(9 << 20, 1000)).rejects.toMatchObject({ code: "source_not_found" });
  }, 180_000);
});
