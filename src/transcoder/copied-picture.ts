import type { SourcePacket } from "./ffmpeg/packet-reader.ts";
import { type AccessUnit, type AccessUnitFault, readAccessUnit } from "./h264/access-unit.ts";
import type { DecoderConfiguration } from "./h264/decoder-configuration.ts";
import type { CopyObstacle } from "./plan/copy-conditions.ts";

/** A picture of the source that can be taken over as it is. */
export type CopiedPicture = AccessUnit & {
  /** When it is shown, in the source's time. */
  readonly seconds: number;
  readonly durationSeconds: number;
};

const OBSTACLES: Readonly<Record<AccessUnitFault, CopyObstacle>> = {
  damaged: "damage",
  "other-parameters": "parameters",
  extension: "content",
  "picture-message": "content",
};

/** Reads a packet, or says what stands in the way; the survey and the copy itself ask the same. */
export const readCopiedPicture = (
  packet: SourcePacket,
  configuration: DecoderConfiguration,
): CopiedPicture | CopyObstacle => {
  const { bytes, seconds, durationSeconds } = packet;
  if (packet.isCorrupt) return "damage";
  if (packet.isHidden) return "edits";
  if (packet.hasNewHeader) return "parameters";
  if (seconds === null) return "rate";
  const unit = readAccessUnit(bytes, configuration);
  return typeof unit === "string" ? OBSTACLES[unit] : { ...unit, seconds, durationSeconds };
};
