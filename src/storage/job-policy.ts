import type { ObjectLocation, S3Location } from "./object-location.ts";

/** Where one attempt of a job reads and writes. Prefixes end in `/`. */
export type JobPlaces = {
  readonly source: ObjectLocation;
  readonly output: ObjectLocation;
  /** Presentation of an earlier attempt. */
  readonly resumeFrom?: ObjectLocation;
};

export type PolicyStatement = {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
};

/** An IAM policy, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export type PolicyDocument = {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
};

/**
 * What the keys for one attempt allow; pure. A session policy only narrows what the role itself may do:
 * read the source, read what an earlier attempt left, and do in its own presentation what making one
 * takes. Nothing of other videos, no other upload, no ACL, no setting of a bucket.
 * @param partition of the role's ARN: `aws`, `aws-cn`, `aws-us-gov`
 */
export const jobPolicy = (
  { source, output, resumeFrom }: JobPlaces,
  partition: string,
): PolicyDocument => {
  const objects = (place: S3Location, rest: string) =>
    `arn:${partition}:s3:::${place.bucket}/${place.key}${rest}`;
  const inS3 = (place: ObjectLocation | undefined): S3Location[] =>
    place?.adapter === "s3" ? [place] : [];
  const [sources, outputs, earlier] = [inS3(source), inS3(output), inS3(resumeFrom)];
  const prefixes = [...outputs, ...earlier];
  const statements: PolicyStatement[] = [
    allow(
      ["s3:GetObject"],
      [
        ...sources.map((place) => objects(place, "")),
        ...prefixes.map((place) => objects(place, "*")),
      ],
    ),
    allow(
      ["s3:PutObject", "s3:DeleteObject"],
      outputs.map((place) => objects(place, "*")),
    ),
    ...[...new Set(prefixes.map(({ bucket }) => bucket))].map(
      (bucket): PolicyStatement => ({
        ...allow(["s3:ListBucket"], [`arn:${partition}:s3:::${bucket}`]),
        Condition: {
          StringLike: {
            "s3:prefix": prefixes
              .filter((place) => place.bucket === bucket)
              .map(({ key }) => `${key}*`),
          },
        },
      }),
    ),
    // Where the buckets are encrypted with a key of their own; by way of S3 alone.
    ...[...new Set([...sources, ...prefixes].map(({ region }) => region))].map(
      (region): PolicyStatement => ({
        ...allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*"]),
        Condition: { StringLike: { "kms:ViaService": `s3.${region}.amazonaws.com*` } },
      }),
    ),
  ];
  return {
    Version: "2012-10-17",
    Statement: statements.filter(({ Resource }) => Resource.length > 0),
  };
};

const allow = (Action: readonly string[], Resource: readonly string[]): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
});
