import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { startWatchdog } from "../../../src/transcoder/watchdog.ts";

const watchdog = resolve(import.meta.dir, "../../../src/transcoder/watchdog.ts");

describe("a watchdog", () => {
  test("ends a process in which a native call on the main thread does not return", async () => {
    // usleep stands for a decoder that loops: no timer fires any more, no signal handler runs.
    const program = `
      import { dlopen, FFIType } from "bun:ffi";
      import { startWatchdog } from ${JSON.stringify(watchdog)};
      using dog = startWatchdog({ afterSeconds: 1, graceSeconds: 1, onHung: () => process.exit(1) });
      const { symbols } = dlopen("libc.so.6", { sleep: { args: [FFIType.u32], returns: FFIType.u32 } });
      symbols.sleep(600);
      process.exit(0);
    `;
    const child = Bun.spawn([process.execPath, "-e", program], {
      stdout: "ignore",
      stderr: "inherit",
    });
    await child.exited;
    expect(child.signalCode).toBe("SIGALRM");
  }, 180_000);

  test("calls onHung when the abort is not followed, and nothing while something moves", async () => {
    const hung = Promise.withResolvers<void>();
    using dog = startWatchdog({ afterSeconds: 0.5, graceSeconds: 0.1, onHung: hung.resolve });
    for (let moved = 0; moved < 5; moved += 1) {
      await Bun.sleep(200);
      dog.touch();
    }
    expect(dog.signal.aborted).toBe(false);
    await hung.promise;
    expect(dog.signal.reason).toMatchObject({ code: "transcode_stalled" });
  }, 180_000);
});
