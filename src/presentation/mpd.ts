import { sustainedBandwidth } from "./bandwidth.ts";
import { textSet } from "./mpd-text.ts";
import { thumbnailSet } from "./mpd-thumbnails.ts";
import { firstSegmentNumber, initSegmentName } from "./names.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./presentation.ts";
import { longestSegmentSeconds, sharedTimeline } from "./timing.ts";
import { element, textElement } from "./xml.ts";

/** ISO/IEC 23009-1 §8.4 (live profile, which needs no index boxes) and §8.12 (CMAF content). */
const PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019";

/**
 * The DASH manifest of a finished presentation (ISO/IEC 23009-1): static, one Period, the rungs in
 * one AdaptationSet, one AdaptationSet per language. Media is addressed by number, so the names in
 * the manifest are the names of the stored objects.
 *
 * Throws `transcode_failed` when the rungs are not aligned.
 */
export const buildMpd = (presentation: Presentation): string => {
  const minBufferSeconds = longestSegmentSeconds(presentation);
  const [lowest, ...higher] = presentation.video;
  const sets = [
    ...(lowest === undefined ? [] : [videoSet([lowest, ...higher], minBufferSeconds)]),
    ...presentation.audio.map((track, index) => {
      const isFirst = presentation.audio.findIndex((t) => t.language === track.language) === index;
      return audioSet(track, isFirst ? "main" : "alternate", minBufferSeconds);
    }),
    ...presentation.text.map((track) => textSet(track, presentation.durationSeconds)),
    ...(presentation.thumbnails === undefined
      ? []
      : [thumbnailSet(presentation.thumbnails, minBufferSeconds)]),
  ];
  const mpd = element(
    "MPD",
    {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: PROFILES,
      type: "static",
      mediaPresentationDuration: xsDuration(presentation.durationSeconds),
      maxSegmentDuration: xsDuration(longestSegmentSeconds(presentation)),
      minBufferTime: xsDuration(minBufferSeconds),
    },
    [element("Period", { id: "0", start: "PT0S" }, sets.map(withId))],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${mpd}\n`;
};

/** Adaptation sets are numbered in the order in which they stand. */
const withId = (set: (id: number) => string, index: number): string => set(index);

/** §5.8.5.5; further tracks of one language are alternates, so that players find one to begin with. */
const role = (value: "main" | "alternate"): string =>
  element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value });

const videoSet =
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

const audioSet =
  (track: AudioTrack, part: "main" | "alternate", minBufferSeconds: number) =>
  (id: number): string =>
    element(
      "AdaptationSet",
      {
        id,
        contentType: "audio",
        mimeType: "audio/mp4",
        lang: track.language,
        segmentAlignment: "true",
        startWithSAP: 1,
      },
      [
        role(part),
        segmentTemplate(track),
        element(
          "Representation",
          {
            id: track.id,
            codecs: track.codecs,
            audioSamplingRate: track.sampleRate,
            bandwidth: sustainedBandwidth(track, minBufferSeconds),
          },
          [
            element("AudioChannelConfiguration", {
              schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
              value: channelConfiguration(track.channels),
            }),
            baseUrl(track),
          ],
        ),
      ],
    );

/** Resolved against the manifest's address (§5.6.4), and the segment names against it. */
const baseUrl = (track: VideoTrack | AudioTrack): string =>
  textElement("BaseURL", `${encodeURI(track.path)}/`);

const segmentTemplate = (track: VideoTrack | AudioTrack): string =>
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

/**
 * Channel configuration index of ISO/IEC 23003-3 table 68: the number of channels up to 5.1, then
 * 6.1 and 7.1 with the extra pair behind the listener.
 */
const channelConfiguration = (channels: number): number => ({ 7: 11, 8: 12 })[channels] ?? channels;

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

/** An xs:duration in seconds, rounded up to a microsecond so that it covers what it describes. */
const xsDuration = (seconds: number): string => `PT${Math.ceil(seconds * 1e6 - 1e-3) / 1e6}S`;
