import { afterAll, beforeAll, expect, test } from "bun:test";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  type Emulator,
  startMinistack,
  startMoto,
  TEST_REGION,
  testCredentials,
} from "../fixtures/aws/emulators.ts";

let emulators: readonly Emulator[];
beforeAll(async () => {
  emulators = await Promise.all([startMinistack(), startMoto()]);
}, 300_000);
afterAll(async () => {
  await Promise.all(emulators.map((emulator) => emulator.stop()));
});

test("both emulators speak the protocol of the SDK on the loopback address", async () => {
  for (const { url } of emulators) {
    const sqs = new SQSClient({
      endpoint: url,
      region: TEST_REGION,
      credentials: testCredentials,
    });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "a-queue" }));
    expect(QueueUrl).toEndWith("/a-queue");
    sqs.destroy();
  }
});
