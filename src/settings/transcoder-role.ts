import { Type } from "@sinclair/typebox";
import { endpoint } from "./aws.ts";

/** How transcoders get at S3; the api's alone, because it is whom they ask. */
export const transcoderRoleSettings = {
  TRANSCODER_ROLE_ARN: Type.Optional(
    Type.String({
      pattern: "^arn:aws[a-z-]*:iam::\\d{12}:role/.+$",
      description:
        "Role that the api assumes for each transcode, narrowed down to the one source and the one presentation; the transcoder works with nothing else. Default: the transcoder's own role, which must reach all of both buckets.",
    }),
  ),
  AWS_ENDPOINT_URL_STS: endpoint("STS"),
};
