import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { createApp } from "../../../src/http/app.ts";
import { jsonBodies } from "../../../src/http/json-body.ts";
import { mediaRoutes } from "../../../src/http/media.ts";
import { mediaAddresses } from "../../../src/http/media-address.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { PART_UPLOAD_PREFIX, partUploadRoutes } from "../../../src/http/part-upload.ts";
import { deriveKeys } from "../../../src/keys.ts";
import { createLog } from "../../../src/log.ts";
import type { Storage } from "../../../src/storage/index.ts";

const KIB = 1024;

let partBytes = 0;
const app = createApp(
  {
    log: createLog("test", "silent"),
    metrics: createMetrics(async () => ({ pending: 0, running: 0 })),
    publicUrl: "http://127.0.0.1:3000",
  },
  [
    new Elysia({ prefix: "/json" })
      .guard(jsonBodies)
      .post("/", ({ body }) => body, { body: Type.Object({ text: Type.String() }) })
      .post("/nothing", () => "done"),
    partUploadRoutes({
      receive: async ({ body }) => {
        partBytes = (await new Response(body).arrayBuffer()).byteLength;
        return { partNumber: 1, sizeBytes: partBytes, etag: '"1"' };
      },
    }),
    mediaRoutes({
      storage: {} as Storage,
      addresses: mediaAddresses(deriveKeys("any secret"), "http://127.0.0.1:3000"),
    }),
  ],
);
let base = "";
beforeAll(() => {
  app.listen({ port: 0, hostname: "127.0.0.1", maxRequestBodySize: 1024 ** 3 });
  base = `http://127.0.0.1:${app.server?.port}`;
});
afterAll(() => app.stop(true));

const post = (path: string, body: BodyInit | null, type = "application/json") =>
  fetch(base + path, { method: "POST", body, headers: { "content-type": type } });

const problemOf = async (answer: Response) => [answer.status, (await answer.json()).code];

test("a body of ordinary length is read", async () => {
  const text = "ä".repeat(10 * KIB);
  const answer = await post("/json", JSON.stringify({ text }));
  expect(await answer.json()).toEqual({ text });
});

test("a long body is refused by its declared length, before it was sent", async () => {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  const answered = new Promise<string>((resolve) =>
    socket.once("data", (data) => resolve(`${data}`)),
  );
  socket.write(
    `POST /json HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${500 * KIB ** 2}\r\n\r\n{`,
  );
  const answer = await answered;
  socket.destroy();
  expect(answer).toStartWith("HTTP/1.1 413");
  expect(answer).toContain("body_too_large");
});

test.each(["/json", "/json/nothing"])(
  "a body without a length is counted as it comes: %s",
  async (path) => {
    const megabyte = new Uint8Array(KIB ** 2).fill(32);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        if (sent > 200) {
          controller.close();
        } else {
          controller.enqueue(megabyte);
        }
      },
    });
    expect(await problemOf(await post(path, endless))).toEqual([413, "body_too_large"]);
  },
);

test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
  "%s is no JSON, also where no body is needed",
  async (type) => {
    expect(await problemOf(await post("/json", '{"text":"a"}', type))).toEqual([
      400,
      "malformed_body",
    ]);
    expect(await problemOf(await post("/json/nothing", null, type))).toEqual([
      400,
      "malformed_body",
    ]);
  },
);

test("broken JSON and missing JSON are told apart", async () => {
  expect(await problemOf(await post("/json", '{"text"'))).toEqual([400, "malformed_body"]);
  expect(await problemOf(await fetch(`${base}/json`, { method: "POST" }))).toEqual([
    422,
    "validation_failed",
  ]);
  expect((await fetch(`${base}/json/nothing`, { method: "POST" })).status).toBe(200);
});

test("a part of an upload may be long and of any type", async () => {
  const answer = await fetch(`${base}${PART_UPLOAD_PREFIX}token`, {
    method: "PUT",
    body: new Uint8Array(300 * KIB),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  expect(answer.status).toBe(204);
  expect(partBytes).toBe(300 * KIB);
});

test("an address with broken percent signs is wrong, not our failure", async () => {
  expect(await problemOf(await fetch(`${base}/media/%zz/x/manifest.mpd`))).toEqual([
    403,
    "url_signature_invalid",
  ]);
});
