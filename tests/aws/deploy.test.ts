/** `deploy/sluice.yaml`: sound as a template, true to the settings, and as far as an emulator can, deployed. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  GetBucketCorsCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ApiSettings, ConsumerSettings } from "../../src/config.ts";
import {
  type Emulator,
  startMinistack,
  TEST_REGION,
  testCredentials,
} from "../fixtures/aws/emulators.ts";
import { emulatorProgram, installEmulators } from "../fixtures/aws/install.ts";
import { deployStack, templatePath, templateWith } from "../fixtures/aws/stack.ts";

// Installing the emulators takes two minutes where they are not there yet.
setDefaultTimeout(300_000);

const template = await Bun.file(templatePath).text();
const operations = await Bun.file(`${import.meta.dir}/../../docs/operations.md`).text();

test("cfn-lint finds nothing", async () => {
  await installEmulators();
  const lint = Bun.spawn([emulatorProgram("cfn-lint"), templatePath], { stderr: "inherit" });
  expect(await new Response(lint.stdout).text()).toBe("");
  expect(await lint.exited).toBe(0);
});

test("every variable of api and consumer is a setting of theirs", () => {
  const known = new Set([
    ...Object.keys(ApiSettings.properties),
    ...Object.keys(ConsumerSettings.properties),
  ]);
  const names = [...template.matchAll(/Name: ([A-Z][A-Z0-9_]+),?\s+Value(From)?:/g)].map(
    ([, name]) => `${name}`,
  );
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

test("each alarm is explained to whoever it wakes", () => {
  const names = [...template.matchAll(/AlarmName: !Sub "\$\{AWS::StackName\}-([a-z-]+)"/g)];
  expect(names.length).toBeGreaterThanOrEqual(6);
  for (const [, name] of names) {
    expect(operations).toContain(`| \`${name}\``);
  }
});

describe("buckets, notification, queues, pool and client, deployed on an emulator", () => {
  const clientOptions = () => ({
    endpoint: emulator.url,
    region: TEST_REGION,
    credentials: testCredentials,
  });
  let emulator: Emulator;
  let s3: S3Client;
  let sqs: SQSClient;
  beforeAll(async () => {
    emulator = await startMinistack();
    s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
    sqs = new SQSClient(clientOptions());
    await deployStack(emulator.url, {
      name: "sluice",
      template: await templateWith([
        ...["UploadsBucket", "UploadsBucketPolicy", "MediaBucket", "MediaBucketPolicy"],
        ...["DeadLetterQueue", "EventsQueue", "EventsQueuePolicy", "TaskEnded", "Cluster"],
        ...["UserPool", "UserPoolClient"],
      ]),
      parameters: {
        ...{ ApiImage: "api", ConsumerImage: "consumer", TranscoderImage: "transcoder" },
        ...{ VpcId: "vpc-1", SubnetIds: "subnet-1,subnet-2" },
        DomainName: "video.example.org",
        CertificateArn: "arn:aws:acm:us-east-1:000000000000:certificate/1",
      },
    });
  });
  afterAll(async () => {
    s3.destroy();
    sqs.destroy();
    await emulator.stop();
  });

  const bucket = async (name: string): Promise<string> => {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand());
    return `${Buckets.find(({ Name }) => Name?.startsWith(`sluice-${name}-`))?.Name}`;
  };

  test("an upload arrives in the queue, and nothing else does", async () => {
    const Bucket = await bucket("uploads");
    const Key = "uploads/5f0c/7b1e/source";
    await s3.send(new PutObjectCommand({ Bucket, Key: "elsewhere/source", Body: "x" }));
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "a video" }));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "sluice-events" }));
    const bodies: string[] = [];
    // AWS and the emulator greet the queue with s3:TestEvent first.
    for (let round = 0; round < 10 && !bodies.some((body) => body.includes(Key)); round += 1) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }),
      );
      bodies.push(...Messages.map(({ Body }) => `${Body}`));
    }
    const records = bodies.flatMap((body) => JSON.parse(body).Records ?? []);
    expect(records.map((record) => decodeURIComponent(record.s3.object.key))).toEqual([Key]);
    expect(records[0].s3.bucket.name).toBe(Bucket);
  });

  test("messages that come back too often go to the dead letters", async () => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "sluice-events" }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(Attributes?.RedrivePolicy ?? "{}");
    expect(deadLetterTargetArn).toEndWith(":sluice-dead-letters");
    expect(Number(maxReceiveCount)).toBe(5);
  });

  test("buckets are private, and the page may send parts to one", async () => {
    for (const name of ["uploads", "media"]) {
      const Bucket = await bucket(name);
      const { PublicAccessBlockConfiguration } = await s3.send(
        new GetPublicAccessBlockCommand({ Bucket }),
      );
      expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
    }
    const { CORSRules } = await s3.send(
      new GetBucketCorsCommand({ Bucket: await bucket("uploads") }),
    );
    expect(CORSRules?.[0]).toMatchObject({
      AllowedOrigins: ["https://video.example.org"],
      AllowedMethods: ["PUT"],
      ExposeHeaders: ["ETag", "Retry-After"],
    });
  });

  test("the pool's client has a secret and lets nobody guess accounts", async () => {
    const cognito = new CognitoIdentityProviderClient(clientOptions());
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    const UserPoolId = UserPools?.[0]?.Id;
    const { UserPoolClients } = await cognito.send(new ListUserPoolClientsCommand({ UserPoolId }));
    const { UserPoolClient } = await cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId, ClientId: UserPoolClients?.[0]?.ClientId }),
    );
    expect(UserPoolClient?.ClientSecret).toBeTruthy();
    expect(UserPoolClient).toMatchObject({
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
      PreventUserExistenceErrors: "ENABLED",
    });
    cognito.destroy();
  });
});
