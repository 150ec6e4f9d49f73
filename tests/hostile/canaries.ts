import { dlopen, FFIType, ptr } from "bun:ffi";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bait } from "./hostile-file.ts";

/** inotify(7): told of every open of a file in a watched folder. */
const IN_OPEN = 0x20;
const IN_NONBLOCK = 0x800;

/** A path is at most 4096 bytes, and so is one event's name. */
const EVENT_BYTES = 64 * 1024;

export type Canaries = AsyncDisposable & {
  readonly bait: Bait;
  /** What stands in the file that nobody may open. */
  readonly secret: string;
  /** Opens of the file, connections to the address, datagrams to its port, since they were last asked for. */
  readonly touched: () => { opens: number; connections: number; datagrams: number };
};

/** A file and a port of loopback that hostile files point at, and that notice whoever comes. */
export const setCanaries = async (): Promise<Canaries> => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-canary-"));
  const path = join(folder, "canary.ts");
  const secret = `canary-${crypto.randomUUID()}`;
  await writeFile(path, `#EXTM3U\n#EXTINF:1,\n${secret}\n`);
  let connections = 0;
  let datagrams = 0;
  const tcp = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        connections += 1;
        socket.end();
      },
      data: () => {},
    },
  });
  const udp = await Bun.udpSocket({
    hostname: "127.0.0.1",
    port: tcp.port,
    socket: {
      data: () => {
        datagrams += 1;
      },
    },
  });
  const watch = watchOpens(folder);
  return {
    bait: { path, url: `http://127.0.0.1:${tcp.port}/canary.ts`, host: `127.0.0.1:${tcp.port}` },
    secret,
    touched: () => {
      const seen = { opens: watch.opens(), connections, datagrams };
      connections = 0;
      datagrams = 0;
      return seen;
    },
    [Symbol.asyncDispose]: async () => {
      watch.close();
      tcp.stop(true);
      udp.close();
      await rm(folder, { recursive: true });
    },
  };
};

/** Counts opens of everything in a folder. */
const watchOpens = (folder: string): { opens: () => number; close: () => void } => {
  const library = dlopen("libc.so.6", {
    inotify_init1: { args: [FFIType.i32], returns: FFIType.i32 },
    inotify_add_watch: { args: [FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
    read: { args: [FFIType.i32, FFIType.ptr, FFIType.u64], returns: FFIType.i64 },
    close: { args: [FFIType.i32], returns: FFIType.i32 },
  });
  const { inotify_init1, inotify_add_watch, read, close } = library.symbols;
  const descriptor = inotify_init1(IN_NONBLOCK);
  if (inotify_add_watch(descriptor, ptr(Buffer.from(`${folder}\0`)), IN_OPEN) < 0) {
    throw new Error(`inotify does not watch ${folder}`);
  }
  const buffer = Buffer.alloc(EVENT_BYTES);
  return {
    opens: () => {
      let count = 0;
      for (;;) {
        const bytes = Number(read(descriptor, ptr(buffer), BigInt(buffer.length)));
        if (bytes <= 0) return count;
        // struct inotify_event: descriptor, mask, cookie, length of the name; then the name.
        for (let at = 0; at < bytes; at += 16 + buffer.readUInt32LE(at + 12)) count += 1;
      }
    },
    close: () => {
      close(descriptor);
      library.close();
    },
  };
};
