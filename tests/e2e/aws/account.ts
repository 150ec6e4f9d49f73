import { ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createTestPool } from "../../fixtures/aws/cognito-pool.ts";
import { type EcsProxy, startEcsProxy } from "../../fixtures/aws/ecs-proxy.ts";
import {
  startMinistack,
  startMoto,
  TEST_REGION,
  testAwsEnvironment,
  testCredentials,
} from "../../fixtures/aws/emulators.ts";
import { executable } from "../support/platform.ts";

/**
 * What Sluice finds in an AWS account, on emulators: two buckets, a queue that their events feed with
 * its dead-letter queue, a user pool, and ECS that runs tasks as processes of this machine.
 */
export type Account = {
  /** Settings of api and consumer that name all of it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly ecs: EcsProxy;
  readonly bucketNames: Readonly<Record<Bucket, string>>;
  /** What lies in a bucket. ETags without quotes, as events have them. */
  objects(bucket: Bucket): Promise<readonly { key: string; etag: string }[]>;
  /** Puts a message into the queue of upload events. */
  send(body: string): Promise<void>;
  /** Messages that wait or are being worked on. */
  waiting(): Promise<number>;
  /** Messages that were given up. */
  dead(): Promise<number>;
  stop(): Promise<void>;
};

type Bucket = "uploads" | "media";

const clientSettings = (endpoint: string) => ({
  endpoint,
  region: TEST_REGION,
  credentials: testCredentials,
});

/**
 * @param options.pageOrigin from where browsers send parts
 * @param options.folder where tasks may unpack themselves
 */
export const openAccount = async ({
  pageOrigin,
  folder,
}: {
  pageOrigin: string;
  folder: string;
}): Promise<Account> => {
  const [ministack, moto] = await Promise.all([startMinistack(), startMoto()]);
  const s3 = new S3Client({ ...clientSettings(ministack.url), forcePathStyle: true });
  const sqs = new SQSClient(clientSettings(ministack.url));
  const dead = await createQueue(sqs, "uploads-dead");
  const queue = await createQueue(sqs, "uploads", {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }),
    // Short, so that what a test leaves undone comes back while it looks.
    VisibilityTimeout: "5",
  });
  const buckets = { uploads: "sluice-uploads", media: "sluice-media" };
  for (const Bucket of Object.values(buckets)) {
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: TEST_REGION },
      }),
    );
  }
  const cors = (await Bun.file(`${import.meta.dir}/../../../deploy/uploads-cors.json`).json()) as {
    CORSRules: { AllowedMethods: string[] }[];
  };
  await s3.send(
    new PutBucketCorsCommand({
      Bucket: buckets.uploads,
      CORSConfiguration: {
        CORSRules: cors.CORSRules.map((rule) => ({ ...rule, AllowedOrigins: [pageOrigin] })),
      },
    }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: buckets.uploads,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: queue.arn, Events: ["s3:ObjectCreated:*"] }],
      },
    }),
  );
  const { client: cognito, settings: identity } = await createTestPool(moto.url, { secret: true });
  const send = async (body: string) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
  };
  const ecs = startEcsProxy({
    program: [executable("transcoder")],
    emulatorUrl: moto.url,
    // A quarter of Fargate's default, so that a task that does not listen ends within the test.
    stopTimeoutMs: 8_000,
    onEvent: (event) => {
      send(JSON.stringify(event)).catch(() => {});
    },
  });
  const taskDefinition = await registerTaskDefinition(moto.url, folder);
  return {
    settings: {
      ...testAwsEnvironment,
      ...identity,
      STORAGE: "s3",
      UPLOADS_BUCKET: buckets.uploads,
      MEDIA_BUCKET: buckets.media,
      S3_ENDPOINT: ministack.url,
      S3_FORCE_PATH_STYLE: "true",
      QUEUE: "sqs",
      SQS_QUEUE_URL: queue.url,
      AWS_ENDPOINT_URL_SQS: ministack.url,
      LAUNCHER: "ecs",
      ECS_CLUSTER: "default",
      ECS_TASK_DEFINITION: taskDefinition,
      ECS_SUBNETS: "subnet-00000001,subnet-00000002",
      AWS_ENDPOINT_URL_ECS: ecs.url,
    },
    ecs,
    bucketNames: buckets,
    objects: async (bucket) => {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: buckets[bucket] }),
      );
      return Contents.map(({ Key = "", ETag = "" }) => ({
        key: Key,
        etag: ETag.replaceAll('"', ""),
      }));
    },
    send,
    waiting: () => messagesIn(sqs, queue.url),
    dead: () => messagesIn(sqs, dead.url),
    stop: async () => {
      await ecs.stop();
      await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url })).catch(() => {});
      for (const client of [s3, sqs, cognito]) client.destroy();
      await Promise.all([ministack.stop(), moto.stop()]);
    },
  };
};

const createQueue = async (
  sqs: SQSClient,
  QueueName: string,
  Attributes: Record<string, string> = {},
): Promise<{ url: string; arn: string }> => {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const { Attributes: found } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  return { url: QueueUrl, arn: found?.QueueArn ?? "" };
};

const messagesIn = async (sqs: SQSClient, QueueUrl: string): Promise<number> => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return (
    Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0)
  );
};

/** What a task is given beside the request's overrides; on AWS the key pair comes from its role. */
const registerTaskDefinition = async (endpoint: string, folder: string): Promise<string> => {
  const ecs = new ECSClient(clientSettings(endpoint));
  const environment = Object.entries({ ...testAwsEnvironment, TMPDIR: folder });
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "sluice-transcoder",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "1024",
      memory: "2048",
      containerDefinitions: [
        {
          name: "transcoder",
          image: "sluice/transcoder",
          memory: 2048,
          essential: true,
          environment: environment.map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
  ecs.destroy();
  return taskDefinition?.taskDefinitionArn ?? "";
};
