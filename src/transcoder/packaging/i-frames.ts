import type { IFrame } from "../../presentation/presentation.ts";
import { malformed } from "./byte-reader.ts";
import type { MediaSegment } from "./media-segment.ts";

/**
 * The pictures of a video segment at which decoding can begin and which a byte range reaches: the first
 * of each fragment that begins with a sync sample. Throws `transcode_failed` when the segment itself does
 * not begin with one, because both manifests claim that it does.
 */
export const iFramesOf = (
  { fragments }: Pick<MediaSegment, "fragments">,
  segmentNumber: number,
): IFrame[] => {
  const iFrames: IFrame[] = [];
  for (const { offsetBytes, durationTicks, firstSample } of fragments) {
    if (firstSample.isSync) {
      const sizeBytes = firstSample.endBytes - offsetBytes;
      iFrames.push({ segmentNumber, offsetBytes, sizeBytes, durationTicks });
      continue;
    }
    const before = iFrames.pop();
    if (before === undefined) throw malformed("a segment does not begin with a sync sample");
    iFrames.push({ ...before, durationTicks: before.durationTicks + durationTicks });
  }
  return iFrames;
};
