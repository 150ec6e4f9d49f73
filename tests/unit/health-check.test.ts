import { expect, spyOn, test } from "bun:test";
import { askHealth, readinessUrl } from "../../src/health-check.ts";
import { serveHealth } from "../../src/health-server.ts";
import { createLog } from "../../src/log.ts";
import { freePort } from "../fixtures/free-port.ts";

const log = createLog("consumer", "silent");

/** What it says is for people; only its exit code is looked at here. */
const ask = async (url: string, withinMs?: number): Promise<number> => {
  const quiet = (["log", "error"] as const).map((name) =>
    spyOn(console, name).mockImplementation(() => {}),
  );
  try {
    return await askHealth("consumer", url, withinMs);
  } finally {
    for (const spy of quiet) {
      spy.mockRestore();
    }
  }
};

test("a service on every address is asked on this machine's own", () => {
  expect(readinessUrl("0.0.0.0", 3000)).toBe("http://127.0.0.1:3000/health/ready");
  expect(readinessUrl("::", 3000)).toBe("http://[::1]:3000/health/ready");
  expect(readinessUrl("::1", 3000)).toBe("http://[::1]:3000/health/ready");
  expect(readinessUrl("10.0.0.7", 3000)).toBe("http://10.0.0.7:3000/health/ready");
});

test("ready, not ready, not there and mute are told apart from success", async () => {
  const port = await freePort();
  const url = readinessUrl("127.0.0.1", port);
  expect(await ask(url)).toBe(69);
  let check = async () => {};
  const close = serveHealth({ port, check: () => check(), log });
  try {
    expect(await ask(url)).toBe(0);
    check = () => Promise.reject(new Error("the database is away"));
    expect(await ask(url)).toBe(69);
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
    check = () => new Promise(() => {});
    expect(await ask(url, 50)).toBe(69);
  } finally {
    await close();
  }
  expect(await ask(url)).toBe(69);
});

test("port 0 opens nothing", async () => {
  await serveHealth({ port: 0, check: async () => {}, log })();
});
