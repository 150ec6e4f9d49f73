/**
 * The least that a server can do with an upload: every PUT is streamed to a file of its own in the
 * folder given as argument, flushed to the disk, and answered. The yardstick of `bench/upload.ts`;
 * prints its port and runs until it is ended.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";

const folder = process.argv[2];
if (folder === undefined) throw new Error("which folder?");

let count = 0;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  idleTimeout: 0,
  fetch: async (request) => {
    count += 1;
    const file = await open(join(folder, String(count)), "w");
    for await (const chunk of request.body ?? []) await file.write(chunk);
    await file.sync();
    await file.close();
    return new Response(null, { status: 204 });
  },
});
process.stdout.write(`${server.port}\n`);
