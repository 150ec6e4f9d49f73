import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { openSqsQueue } from "../../src/queue/sqs.ts";
import { MAX_RECEIVES, only, queueContract, receiveFrom } from "../contract/queue-suite.ts";
import {
  type Emulator,
  startMinistack,
  TEST_REGION,
  testCredentials,
} from "../fixtures/aws/emulators.ts";
import { createTestQueue, sqsClient, withPassingVisibility } from "../fixtures/aws/sqs-queues.ts";
import { silentLog } from "../fixtures/jobs.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startMinistack();
}, 300_000);
afterAll(() => emulator.stop());

describe("the queue port: sqs", () => {
  queueContract(async () => {
    const made = await createTestQueue(emulator, { maxReceives: MAX_RECEIVES });
    const { queue, passVisibility } = withPassingVisibility(emulator, made);
    return {
      queue,
      another: made.open,
      other: async () => (await createTestQueue(emulator)).open(),
      passVisibility,
      deadLetters: made.deadLetters,
      close: () => queue.close(),
    };
  });

  test("a message that is no JSON is handed on as text", async () => {
    const { queueUrl, open } = await createTestQueue(emulator);
    await sqsClient(emulator).send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "no { JSON" }),
    );
    const queue = open();
    expect(only(await receiveFrom(queue)).body).toBe("no { JSON");
    await queue.close();
  });

  test("a queue that does not exist is an error and no endless silence", async () => {
    const { queueUrl } = await createTestQueue(emulator);
    const missing = openSqsQueue({
      queueUrl: `${queueUrl}-not`,
      region: TEST_REGION,
      endpoint: emulator.url,
      credentials: testCredentials,
      log: silentLog,
    });
    await expect(receiveFrom(missing)).rejects.toThrow();
    await missing.close();
  });
});
