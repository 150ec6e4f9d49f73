/** The page in a real browser sends files to S3 itself; the api never sees their bytes. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CORSRule, PutBucketCorsCommand } from "@aws-sdk/client-s3";
import { eq } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import uploadsCors from "../../../deploy/uploads-cors.json";
import { queueMessages, uploads, videos } from "../../../src/db/schema.ts";
import { objectVersion } from "../../../src/storage/object-version.ts";
import { type Emulator, startMinistack } from "../../fixtures/aws/emulators.ts";
import { PAGE_PASSWORD, type PageServer, startPageServer } from "../../fixtures/aws/page-server.ts";
import { newS3Storage, testS3Client } from "../../fixtures/aws/s3-storage.ts";
import { startTroubleProxy, type Trouble } from "../../fixtures/aws/trouble-proxy.ts";
import { launchBrowser } from "../../fixtures/browser.ts";
import { freePort } from "../../fixtures/free-port.ts";

const MIB = 1024 ** 2;
const PART_BYTES = 5 * MIB;
const PARTS = 8;
const SIZE_BYTES = PARTS * PART_BYTES - 12_345;

let emulator: Emulator;
let proxy: Awaited<ReturnType<typeof startTroubleProxy>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let server: PageServer;
let opened: Awaited<ReturnType<typeof newS3Storage>>;
let folder: string;
/** PUTs that reached the store's door, by part number. */
let puts: number[] = [];
let troubleOf: (partNumber: number, before: number) => Trouble = () => "none";
const bytes = new Uint8Array(SIZE_BYTES);
for (let at = 0; at < SIZE_BYTES; at += 65_536) {
  crypto.getRandomValues(bytes.subarray(at, at + 65_536));
}

/** The rule that `deploy/` has for operators, for this page's address. */
const corsFor = (origin: string): CORSRule[] =>
  uploadsCors.CORSRules.map((rule) => ({ ...rule, AllowedOrigins: [origin] }));

beforeAll(async () => {
  emulator = await startMinistack({ strict: true });
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "sluice-page-"));
  await Bun.write(join(folder, "film.mp4"), bytes);
  proxy = await startTroubleProxy(emulator.url, ({ method, url }) => {
    if (method !== "PUT") {
      return "none";
    }
    const partNumber = Number(url.searchParams.get("partNumber"));
    const before = puts.filter((number) => number === partNumber).length;
    puts.push(partNumber);
    return troubleOf(partNumber, before);
  });
}, 300_000);
afterAll(async () => {
  await server?.close();
  await browser?.close();
  await proxy?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await server?.close();
  await context?.close();
  puts = [];
  troubleOf = () => "none";
  opened = await newS3Storage(emulator.url, { publicEndpoint: proxy.url });
  const port = await freePort();
  server = await startPageServer({ port, opened, settings: {} });
  const client = testS3Client(emulator.url);
  await client.send(
    new PutBucketCorsCommand({
      Bucket: opened.buckets.uploads,
      CORSConfiguration: { CORSRules: corsFor(server.url) },
    }),
  );
  client.destroy();
  context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  await page.goto(`${server.url}/login`);
  await page.getByLabel("E-mail").fill(server.email);
  await page.getByLabel("Password", { exact: true }).fill(PAGE_PASSWORD);
  await page.getByTestId("submit").click();
  await page.getByTestId("empty-library").waitFor();
}, 120_000);

const choose = (input = "upload-input") =>
  page.getByTestId(input).setInputFiles(join(folder, "film.mp4"));

const percent = async (): Promise<number> =>
  Number(/(\d+) %/.exec((await page.getByTestId("upload-status").textContent()) ?? "")?.[1] ?? 0);

const until = async (what: string, done: () => Promise<boolean>, seconds = 60) => {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    if (await done()) {
      return;
    }
    await Bun.sleep(100);
  }
  throw new Error(`${what} did not happen in ${seconds} s`);
};

const queued = () =>
  until("the video to be queued", async () => {
    const [video] = await server.database.queries.select().from(videos);
    return video?.status === "queued";
  });

const expectWholeObject = async () => {
  const [upload] = await server.database.queries.select().from(uploads);
  const key = upload?.objectKey ?? "";
  const stored = await new Response(await opened.storage.get("uploads", key)).bytes();
  expect(stored.length).toBe(SIZE_BYTES);
  expect(Bun.hash(stored)).toBe(Bun.hash(bytes));
  const head = await opened.storage.head("uploads", key);
  expect(upload?.objectVersion).toBe(head && objectVersion(head));
  const messages = await server.database.queries.select().from(queueMessages);
  expect(messages.map(({ body }) => body)).toMatchObject([
    { key, objectVersion: upload?.objectVersion, sizeBytes: SIZE_BYTES },
  ]);
};

test("a file goes to the bucket part by part, stays half-way over a reload, and ends whole", async () => {
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  const throttle = (uploadThroughput: number) =>
    network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 5,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await throttle(8 * MIB);
  await choose();
  await until("half of the upload", async () => (await percent()) >= 55);
  await page.screenshot({ path: join(tmpdir(), "sluice-s3-upload.png") });
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await throttle(-1);
  await page.getByTestId("upload-continue-input").waitFor({ state: "attached" });
  const [open] = await server.database.queries.select().from(uploads);
  const received = await opened.storage.listParts({
    key: open?.objectKey ?? "",
    uploadId: open?.storageUploadId ?? "",
  });
  expect(received.length).toBeWithin(2, PARTS);
  const sentBefore = puts.length;
  await choose("upload-continue-input");
  await queued();
  expect(puts.length - sentBefore).toBe(PARTS - received.length);
  await expectWholeObject();
}, 180_000);

test("refused addresses, damaged parts and broken connections are overcome, each part for itself", async () => {
  const troubles: Record<number, Trouble> = {
    2: "wrong-signature",
    3: "other-bytes",
    4: "broken-connection",
  };
  troubleOf = (partNumber, before) => (before < 2 ? (troubles[partNumber] ?? "none") : "none");
  await choose();
  await queued();
  const times = (partNumber: number) => puts.filter((number) => number === partNumber).length;
  expect([1, 2, 3, 4, 5].map(times)).toEqual([1, 3, 3, 3, 1]);
  await expectWholeObject();
}, 180_000);

test("an upload that was cancelled on the page leaves nothing in the bucket", async () => {
  troubleOf = (partNumber) => (partNumber > 2 ? "broken-connection" : "none");
  await choose();
  await until("two parts", async () => new Set(puts).size >= 4);
  const [open] = await server.database.queries.select().from(uploads);
  const answer = await page.evaluate(
    async (id) => (await fetch(`/uploads/${id}`, { method: "DELETE" })).status,
    open?.id,
  );
  expect(answer).toBe(204);
  const upload = { key: open?.objectKey ?? "", uploadId: open?.storageUploadId ?? "" };
  expect(await opened.storage.listParts(upload)).toEqual([]);
  expect(await Array.fromAsync(opened.storage.list("uploads", "uploads/"))).toEqual([]);
  const [video] = await server.database.queries
    .select()
    .from(videos)
    .where(eq(videos.id, open?.videoId ?? ""));
  expect(video?.status).toBe("deleted");
}, 120_000);

test("the bucket's rule lets this page send parts, and no other page, and nothing else", async () => {
  const preflight = async (origin: string, method: string, headers: string) => {
    const answer = await fetch(`${emulator.url}/${opened.buckets.uploads}/uploads/a`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
      },
    });
    return answer.headers.get("access-control-allow-origin");
  };
  expect(await preflight(server.url, "PUT", "x-amz-checksum-crc32")).toBe(server.url);
  expect(await preflight("https://evil.example", "PUT", "x-amz-checksum-crc32")).toBeNull();
  expect(await preflight(server.url, "GET", "x-amz-checksum-crc32")).toBeNull();
  expect(await preflight(server.url, "DELETE", "x-amz-checksum-crc32")).toBeNull();
  expect(await preflight(server.url, "PUT", "x-amz-acl")).toBeNull();
});
