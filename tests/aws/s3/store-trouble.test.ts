import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import type { SluiceError } from "../../../src/errors.ts";
import { openS3Storage } from "../../../src/storage/s3.ts";

type Request = { readonly method: string; readonly path: string; readonly head: string };

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A store that answers request after request as it is told, over bare sockets, so that it can also break off. */
const storeThat = async (answer: (socket: Socket, request: Request, count: number) => void) => {
  const requests: Request[] = [];
  server = createServer((socket) => {
    let buffered = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      buffered += bytes.toString("latin1");
      const end = buffered.indexOf("\r\n\r\n");
      if (end === -1) {
        return;
      }
      const head = buffered.slice(0, end);
      buffered = "";
      const [method = "", path = ""] = head.split(" ");
      const request = { method, path, head: head.toLowerCase() };
      requests.push(request);
      answer(socket, request, requests.length);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const { storage } = openS3Storage({
    buckets: { uploads: "in", media: "out" },
    region: "eu-central-1",
    endpoint: `http://127.0.0.1:${port}`,
    publicEndpoint: null,
    forcePathStyle: true,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  return { storage, requests };
};

const send = (socket: Socket, status: string, headers: readonly string[], body = "") =>
  socket.write(
    `HTTP/1.1 ${status}\r\n${[...headers, `content-length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`,
  );
const codeOf = (work: Promise<unknown>) => work.then(String, (thrown: SluiceError) => thrown.code);

describe("a store in trouble", () => {
  test("is asked again, later and later, until it answers", async () => {
    const times: number[] = [];
    const { storage } = await storeThat((socket, _request, count) => {
      times.push(performance.now());
      send(socket, count < 4 ? "503 Slow Down" : "200 OK", ['etag: "e"']);
    });
    expect(await storage.head("media", "media/a")).toMatchObject({ etag: '"e"' });
    expect(times).toHaveLength(4);
  });

  test("is given up in the end, as something that may pass", async () => {
    const { storage, requests } = await storeThat((socket) => send(socket, "500 Oh", []));
    expect(await codeOf(storage.head("media", "media/a"))).toBe("storage_unavailable");
    expect(requests.length).toBe(6);
  }, 60_000);

  test("that is not there at all is the same, for objects and for readiness", async () => {
    const { storage } = await storeThat(() => {});
    server?.close();
    expect(await codeOf(storage.ping())).toBe("storage_unavailable");
    expect(await codeOf(storage.get("media", "media/a"))).toBe("storage_unavailable");
  }, 60_000);

  test("refusals are not repeated", async () => {
    const { storage, requests } = await storeThat((socket) => send(socket, "403 Forbidden", []));
    expect(await codeOf(storage.head("media", "media/a"))).toBe("storage_denied");
    expect(requests).toHaveLength(1);
  });

  const WHOLE = "0123456789".repeat(1000);
  test("a stream that breaks goes on at the byte where it broke, of the same object", async () => {
    const { storage, requests } = await storeThat((socket, { head }, count) => {
      const from = Number(/range: bytes=(\d+)-/.exec(head)?.[1] ?? 0);
      const rest = WHOLE.slice(from);
      const body = count < 3 ? rest.slice(0, 2500) : rest;
      socket.write(
        `HTTP/1.1 ${from ? "206 Partial" : "200 OK"}\r\netag: "e"\r\ncontent-length: ${rest.length}\r\n\r\n${body}`,
      );
      if (count < 3) {
        setTimeout(() => socket.destroy(), 50);
      }
    });
    const stream = await storage.get("media", "media/a");
    expect(await new Response(stream).text()).toBe(WHOLE);
    expect(requests.length).toBe(3);
    expect(requests[2]?.head).toContain("range: bytes=5000-9999");
    expect(requests[2]?.head).toContain('if-match: "e"');
  });

  test("one that ever breaks again is given up", async () => {
    const { storage, requests } = await storeThat((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 10000\r\n\r\n12345`);
      setTimeout(() => socket.destroy(), 20);
    });
    const stream = await storage.get("media", "media/a");
    expect(await codeOf(new Response(stream).text())).toBe("storage_unavailable");
    expect(requests.length).toBe(4);
  });
});

test("a reader that takes nothing holds no more than a few sockets' buffers of a large object", async () => {
  const TOTAL = 512 * 1024 * 1024;
  /** What the kernel and the runtime take before they stop: measured about 8 MB. */
  const BUFFERED_BYTES = 32 * 1024 * 1024;
  let sent = 0;
  const { storage } = await storeThat((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: ${TOTAL}\r\n\r\n`);
    const chunk = Buffer.alloc(65_536);
    const go = () => {
      while (sent < TOTAL && !socket.destroyed) {
        sent += chunk.length;
        if (!socket.write(chunk)) {
          socket.once("drain", go);
          return;
        }
      }
    };
    go();
  });
  const reader = (await storage.get("media", "media/a"))?.getReader();
  for (let count = 0; count < 10; count += 1) {
    await reader?.read();
    await Bun.sleep(50);
  }
  expect(sent).toBeLessThan(BUFFERED_BYTES);
  await reader?.cancel();
  await Bun.sleep(200);
  expect(sent).toBeLessThan(BUFFERED_BYTES);
});

test("readiness is told in seconds also by a store that never answers", async () => {
  const { storage } = await storeThat(() => {});
  const startedMs = performance.now();
  expect(await codeOf(storage.ping())).toBe("storage_unavailable");
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
