import { Type } from "@sinclair/typebox";
import { CONFINEMENT_MODES } from "../confinement/support.ts";
import { oneOf } from "./one-of.ts";

/** How transcoders are started, and what they may do. */
export const launcherSettings = {
  LAUNCHER: oneOf(["process"], {
    default: "process",
    description: "How transcoders are started: process (a child process on this machine).",
  }),
  INTERNAL_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description:
        "Where transcoders reach the api's internal port. Default: http://127.0.0.1:INTERNAL_PORT.",
    }),
  ),
  INTERNAL_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65535,
    description:
      "Port for metrics and for the transcoders' reports; never expose it. 0 takes any free one.",
  }),
  TRANSCODER_PATH: Type.Optional(
    Type.String({
      minLength: 1,
      description: "The transcoder executable. Default: the one beside this executable.",
    }),
  ),
  TRANSCODE_CONCURRENCY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 256,
    description: "Transcodes at once on this machine; 0 means one for every two processors.",
  }),
  TRANSCODER_CONFINEMENT: oneOf(CONFINEMENT_MODES, {
    default: "prefer",
    description:
      "Whether transcoders are shut in by the kernel (Landlock, Linux 6.7 or later) so that they reach their own video alone: prefer (as far as the kernel can, with a warning), require (refuse to start without) or off.",
  }),
};
