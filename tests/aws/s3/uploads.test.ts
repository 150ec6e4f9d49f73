import { afterAll, beforeAll } from "bun:test";
import { ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { uploadsContract } from "../../contract/uploads-contract.ts";
import { type Emulator, startMinistack } from "../../fixtures/aws/emulators.ts";
import { newS3Storage, putSigned, testS3Client } from "../../fixtures/aws/s3-storage.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startMinistack({ strict: true });
}, 300_000);
afterAll(() => emulator.stop());

uploadsContract("S3", {
  partBytes: 5 * 1024 ** 2,
  leftByOpenUpload: 1,
  open: async () => {
    const { storage, buckets } = await newS3Storage(emulator.url);
    const client = testS3Client(emulator.url);
    return {
      storage,
      putPart: putSigned,
      left: async () => {
        const names: string[] = [];
        for (const Bucket of Object.values(buckets)) {
          const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
          const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
          const keys = [...Contents, ...Uploads].map(({ Key = "" }) => Key);
          names.push(...keys.map((key) => key.split("/").at(-1) ?? ""));
        }
        return names;
      },
      close: async () => client.destroy(),
    };
  },
});
