import { afterAll, beforeAll, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { createApp } from "../../../src/http/app.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { openApiRoutes } from "../../../src/http/openapi.ts";
import { createLog } from "../../../src/log.ts";

const routes = new Elysia()
  .get("/things/:id", ({ params }) => params, {
    params: Type.Object({ id: Type.String({ format: "uuid" }) }),
  })
  .post("/things", ({ body }) => body, {
    body: Type.Object({ count: Type.Integer({ minimum: 2 }) }),
  })
  .get("/boom", () => {
    throw new Error("the password is hunter2");
  });

const metrics = createMetrics(async () => ({ pending: 1, running: 2 }));
const app = createApp(
  { log: createLog("test", "silent"), metrics, publicUrl: "https://video.example.org" },
  [openApiRoutes("https://video.example.org"), routes],
);
let base = "";
beforeAll(() => {
  app.listen({ port: 0, hostname: "127.0.0.1" });
  base = `http://127.0.0.1:${app.server?.port}`;
});
afterAll(() => app.stop());

const json = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": "application/json", ...headers },
});

test.each([
  ["a wrong id", "/things/abc", {}, 422, "validation_failed"],
  ["a wrong field", "/things", json('{"count":1}'), 422, "validation_failed"],
  ["broken JSON", "/things", json('{"count":'), 400, "malformed_body"],
  ["an unknown address", "/nowhere", {}, 404, "not_found"],
  ["an unexpected error", "/boom", {}, 500, "internal"],
])("%s is a problem with a stable code", async (_name, path, init, status, code) => {
  const answer = await fetch(base + path, init);
  const problem = await answer.json();
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(problem).toMatchObject({ status, code, requestId: answer.headers.get("x-request-id") });
  expect(JSON.stringify(problem)).not.toContain("hunter2");
});

test("a wrong field is named", async () => {
  const problem = await (await fetch(`${base}/things`, json('{"count":1}'))).json();
  expect(problem.problems[0].field).toBe("count");
});

test("every answer carries the security headers and a request id, errors too", async () => {
  for (const path of ["/openapi/json", "/nowhere", "/boom"]) {
    const { headers } = await fetch(base + path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("strict-transport-security")).toContain("max-age=");
    expect(headers.get("x-request-id")).toBeTruthy();
  }
});

test("a request id from a proxy is kept when it looks like one", async () => {
  const idOf = async (given: string) =>
    (await fetch(`${base}/openapi/json`, { headers: { "x-request-id": given } })).headers.get(
      "x-request-id",
    );
  expect(await idOf("abcdef-0123")).toBe("abcdef-0123");
  expect(await idOf("a b<script>")).not.toBe("a b<script>");
});

test("another site cannot use the cookies of a browser", async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${base}/things`, json('{"count":3}', { cookie: "access_token=x", ...headers }));
  expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await post({ "sec-fetch-site": "same-site" })).status).toBe(403);
  expect((await post({ origin: "https://evil.example" })).status).toBe(403);
  expect((await post({ "sec-fetch-site": "same-origin" })).status).toBe(200);
  expect((await post({ origin: "https://video.example.org" })).status).toBe(200);
  expect((await fetch(`${base}/things`, json('{"count":3}'))).status).toBe(200);
});

test("metrics count requests by route, not by address", async () => {
  await fetch(`${base}/things/019abc00-0000-7000-8000-000000000000`);
  await Bun.sleep(5);
  const text = await metrics.text();
  expect(text).toContain('route="/things/:id",status="200"');
  expect(text).toContain('sluice_jobs{status="running"} 2');
});
