import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskStorage } from "../../src/storage/disk.ts";
import { storageContract } from "./storage-contract.ts";

storageContract("disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-storage-"));
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
    close: () => rm(folder, { recursive: true }),
  };
});
