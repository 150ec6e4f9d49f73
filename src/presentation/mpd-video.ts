import { sustainedBandwidth } from "./bandwidth.ts";
import { role } from "./mpd-role.ts";
import { baseUrl, segmentTemplate } from "./mpd-segments.ts";
import type { VideoTrack } from "./presentation.ts";
import { sharedTimeline } from "./timing.ts";
import { element } from "./xml.ts";

/**
 * The AdaptationSet of all rungs (ISO/IEC 23009-1 §5.3.3): players change between them at any segment.
 * Throws `transcode_failed` when they are not aligned.
 */
export const videoSet =
  (tracks: readonly [VideoTrack, ...VideoTrack[]], minBufferSeconds: number) =>
  (id: number): string => {
    const timeline = sharedTimeline(tracks);
    const largest = tracks.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
    const fastest = tracks.reduce((a, b) => (framesPerSecond(b) > framesPerSecond(a) ? b : a));
    return element(
      "AdaptationSet",
      {
        id,
        contentType: "video",
        mimeType: "video/mp4",
        par: aspectRatio(largest),
        sar: "1:1",
        maxWidth: Math.max(...tracks.map((track) => track.width)),
        maxHeight: Math.max(...tracks.map((track) => track.height)),
        maxFrameRate: frameRate(fastest),
        segmentAlignment: "true",
        startWithSAP: 1,
      },
      [
        role("main"),
        segmentTemplate(timeline),
        ...tracks.map((track) =>
          element(
            "Representation",
            {
              id: track.id,
              codecs: track.codecs,
              width: track.width,
              height: track.height,
              frameRate: frameRate(track),
              bandwidth: sustainedBandwidth(track, minBufferSeconds),
            },
            [baseUrl(track)],
          ),
        ),
      ],
    );
  };

const framesPerSecond = ({ frameRate: { numerator, denominator } }: VideoTrack): number =>
  numerator / denominator;

/** §5.3.7.2: an integer, or a fraction such as `30000/1001`. */
const frameRate = ({ frameRate: { numerator, denominator } }: VideoTrack): string => {
  const divisor = greatestCommonDivisor(numerator, denominator);
  const fraction = `${numerator / divisor}/${denominator / divisor}`;
  return fraction.endsWith("/1") ? fraction.slice(0, -2) : fraction;
};

const aspectRatio = ({ width, height }: VideoTrack): string => {
  const divisor = greatestCommonDivisor(width, height);
  return `${width / divisor}:${height / divisor}`;
};

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
