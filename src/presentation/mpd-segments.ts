import { firstSegmentNumber, initSegmentName } from "./names.ts";
import type { AudioTrack, VideoTrack } from "./presentation.ts";
import { element, textElement } from "./xml.ts";

/** Where a track's files lie: resolved against the manifest's address (§5.6.4), and the segment names against it. */
export const baseUrl = (track: VideoTrack | AudioTrack): string =>
  textElement("BaseURL", `${encodeURI(track.path)}/`);

/** A track's segments by number, with the exact time of each (ISO/IEC 23009-1 §5.3.9.4). */
export const segmentTemplate = (track: VideoTrack | AudioTrack): string =>
  element(
    "SegmentTemplate",
    {
      timescale: track.timescale,
      initialization: initSegmentName,
      media: "$Number$.m4s",
      startNumber: firstSegmentNumber,
    },
    [element("SegmentTimeline", {}, timelineEntries(track))],
  );

/** Runs of equal durations as one S element each, with `r` further repetitions (§5.3.9.6). */
const timelineEntries = ({ startTicks, segments }: VideoTrack | AudioTrack): string[] => {
  const runs: { d: number; count: number }[] = [];
  for (const { durationTicks } of segments) {
    const last = runs.at(-1);
    if (last?.d === durationTicks) last.count += 1;
    else runs.push({ d: durationTicks, count: 1 });
  }
  return runs.map(({ d, count }, index) =>
    element("S", {
      t: index === 0 ? startTicks : undefined,
      d,
      r: count > 1 ? count - 1 : undefined,
    }),
  );
};
