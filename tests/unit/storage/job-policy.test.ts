import { describe, expect, test } from "bun:test";
import { jobPolicy } from "../../../src/storage/job-policy.ts";
import type { S3Location } from "../../../src/storage/object-location.ts";

const at = (bucket: string, key: string): S3Location => ({
  adapter: "s3",
  bucket,
  key,
  region: "eu-central-1",
  endpoint: null,
  forcePathStyle: false,
});
const places = {
  source: at("up", "uploads/u/v/source"),
  output: at("media", "media/v/p2/"),
  resumeFrom: at("media", "media/v/p1/"),
};
const kms = {
  Effect: "Allow",
  Action: ["kms:Decrypt", "kms:GenerateDataKey"],
  Resource: ["*"],
  Condition: { StringLike: { "kms:ViaService": "s3.eu-central-1.amazonaws.com*" } },
} as const;

describe("the policy of one attempt's keys", () => {
  test("reads the source and the earlier attempt, and does in its own presentation what it takes", () => {
    expect(jobPolicy(places, "aws")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["s3:GetObject"],
          Resource: [
            "arn:aws:s3:::up/uploads/u/v/source",
            "arn:aws:s3:::media/media/v/p2/*",
            "arn:aws:s3:::media/media/v/p1/*",
          ],
        },
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:DeleteObject"],
          Resource: ["arn:aws:s3:::media/media/v/p2/*"],
        },
        {
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: ["arn:aws:s3:::media"],
          Condition: { StringLike: { "s3:prefix": ["media/v/p2/*", "media/v/p1/*"] } },
        },
        kms,
      ],
    });
  });

  test("without an earlier attempt names none, and follows the role's partition", () => {
    const { source, output } = places;
    const text = JSON.stringify(jobPolicy({ source, output }, "aws-cn"));
    expect(text).not.toContain("p1");
    expect(text).not.toContain("arn:aws:");
    expect(text).toContain("arn:aws-cn:s3:::up/uploads/u/v/source");
  });

  test("stays below the 2,048 characters of a session policy with keys as long as they get", () => {
    const id = crypto.randomUUID();
    const bucket = "b".repeat(63);
    const text = JSON.stringify(
      jobPolicy(
        {
          source: at(bucket, `uploads/${id}/${id}/source`),
          output: at(bucket, `media/${id}/${id}/`),
          resumeFrom: at(bucket, `media/${id}/${id}/`),
        },
        "aws-us-gov",
      ),
    );
    expect(text.length).toBeLessThan(2048);
  });
});
