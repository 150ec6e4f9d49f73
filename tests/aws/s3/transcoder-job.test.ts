import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  CreateBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { assumedRole } from "../../../src/storage/assumed-role.ts";
import type { S3Location } from "../../../src/storage/object-location.ts";
import {
  type Emulator,
  startMinistack,
  TEST_REGION,
  testAwsEnvironment,
} from "../../fixtures/aws/emulators.ts";
import { testS3Client } from "../../fixtures/aws/s3-storage.ts";
import { media } from "../../fixtures/media.ts";
import { runCommand } from "../../integration/transcoder/judge.ts";

let emulator: Emulator;
let client: S3Client;
const bucket = `jobs-${crypto.randomUUID()}`;
const environment = { ...process.env };
beforeAll(async () => {
  emulator = await startMinistack();
  client = testS3Client(emulator.url);
  await client.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: TEST_REGION },
    }),
  );
  Object.assign(process.env, testAwsEnvironment);
}, 300_000);
afterAll(async () => {
  for (const name of Object.keys(testAwsEnvironment)) {
    if (environment[name] === undefined) delete process.env[name];
    else process.env[name] = environment[name];
  }
  client.destroy();
  await emulator.stop();
});

/** Which access key each request to the store was signed with. */
const keyOf = (request: Request): string =>
  /Credential=([^/]+)/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "none";

describe("transcoder job with keys of its own", () => {
  test("asks the api for them and uses no others", async () => {
    const used = new Set<string>();
    await using store = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        used.add(keyOf(request));
        const { pathname, search } = new URL(request.url);
        const body = ["PUT", "POST"].includes(request.method) ? await request.bytes() : null;
        const { method, headers } = request;
        return fetch(`${emulator.url}${pathname}${search}`, { method, headers, body });
      },
    });
    const at = (key: string): S3Location => ({
      adapter: "s3",
      bucket,
      key,
      region: TEST_REGION,
      endpoint: store.url.origin,
      forcePathStyle: true,
    });
    const source = at("uploads/u/v/source");
    const output = at("media/v/p/");
    const Body = await Bun.file(await media("no-audio.mp4")).bytes();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: source.key, Body }));

    const keys = assumedRole({
      roleArn: "arn:aws:iam::000000000000:role/transcoder",
      region: TEST_REGION,
      endpoint: emulator.url,
    });
    const issued = new Set<string>();
    const told: string[] = [];
    await using api = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        if (request.headers.get("authorization") !== "Bearer good-token") {
          return new Response(null, { status: 401 });
        }
        if (request.method === "POST") {
          told.push(((await request.json()) as { event: { type: string } }).event.type);
          return new Response(null, { status: 204 });
        }
        if (request.url.endsWith("/credentials")) {
          const { expiresAt, ...pair } = await keys({ jobId: "j", attempt: 1, source, output });
          issued.add(pair.accessKeyId);
          return Response.json({ ...pair, expiresAt: expiresAt.toISOString() });
        }
        return Response.json({
          version: 1,
          jobId: "j",
          attempt: 1,
          videoId: "v",
          presentationId: "p",
          source,
          output,
          scopedCredentials: true,
          maxDurationSeconds: 60,
          loudnessLufs: -16,
        });
      },
    });
    const { exitCode, err } = await runCommand(["job"], {
      SLUICE_API_URL: api.url.origin,
      SLUICE_JOB_ID: "j",
      SLUICE_JOB_ATTEMPT: "1",
      SLUICE_JOB_TOKEN: "good-token",
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect([exitCode, err]).toEqual([0, ""]);
    expect(told.at(-1)).toBe("succeeded");
    expect(issued.size).toBe(1);
    expect(used).toEqual(issued);
    const manifest = { Bucket: bucket, Key: `${output.key}manifest.mpd` };
    expect((await client.send(new HeadObjectCommand(manifest))).ContentType).toBe(
      "application/dash+xml",
    );
  }, 180_000);
});
