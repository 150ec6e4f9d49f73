import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { pageRoutes } from "../../../src/http/page.ts";
import { toPageAsset } from "../../../src/web/assets.ts";

const asset = (path: string, text: string) =>
  toPageAsset({ path, bytes: new Uint8Array(new TextEncoder().encode(text)) });
const app = new Elysia()
  .all("/media/:token/*", () => "media")
  .use(
    pageRoutes(
      [asset("/index.html", "<p>page</p>"), asset("/assets/main-1.js", "let a = 1;")],
      null,
    ),
  );
const get = (path: string, init?: RequestInit) =>
  app.handle(new Request(`http://sluice.example${path}`, init));
const navigation = { headers: { accept: "text/html,*/*" } };

test("closer routes that take every method come before the page", async () => {
  expect(await (await get("/media/token/manifest.mpd")).text()).toBe("media");
});

test("every address that a browser navigates to is the document, revalidated each time", async () => {
  for (const path of ["/", "/watch/1", "/login?next=/"]) {
    const response = await get(path, navigation);
    expect(await response.text()).toBe("<p>page</p>");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  }
});

test("bundled files are kept for good, other files and methods do not exist", async () => {
  const script = await get("/assets/main-1.js");
  expect(await script.text()).toBe("let a = 1;");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect(await (await get("/assets/gone.js")).text()).toContain("nothing at this address");
  const posted = await get("/watch/1", { ...navigation, method: "POST" });
  expect(await posted.text()).toContain("nothing at this address");
});
