import { afterAll, beforeAll } from "bun:test";
import { type Emulator, startMinistack } from "../../fixtures/aws/emulators.ts";
import { newS3Storage } from "../../fixtures/aws/s3-storage.ts";
import { startTestServer } from "../../fixtures/http-server.ts";
import { trackSuite } from "../../integration/tracks-suite.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startMinistack({ strict: true });
}, 300_000);
afterAll(() => emulator.stop());

// Captions, manifests that follow them, and what goes with a deleted video.
trackSuite("in S3", async () => startTestServer({ opened: await newS3Storage(emulator.url) }));
