import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskStorage } from "../../src/storage/disk.ts";
import { uploadsContract } from "./uploads-contract.ts";

uploadsContract("a folder", {
  partBytes: 1000,
  // The data file and the log of parts.
  leftByOpenUpload: 2,
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-uploads-"));
    const { storage, partReceiver } = await openDiskStorage({
      folder,
      signingKey: new Uint8Array(32).fill(7),
      publicUrl: "http://sluice.test",
    });
    return {
      storage,
      putPart: async ({ url }, bytes) =>
        await partReceiver?.receive({
          token: url.split("/").at(-1) ?? "",
          contentLength: bytes.byteLength,
          body: new Blob([new Uint8Array(bytes)]).stream(),
        }),
      left: async () =>
        (await readdir(folder, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => entry.name),
      close: () => rm(folder, { recursive: true }),
    };
  },
});
