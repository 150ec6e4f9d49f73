import * as fc from "fast-check";
import type {
  AudioTrack,
  IFrame,
  Presentation,
  Segment,
  VideoTrack,
} from "../../../src/presentation/presentation.ts";

const segments = (durationTicks: number, sizesBytes: readonly number[]): Segment[] =>
  sizesBytes.map((sizeBytes) => ({ durationTicks, sizeBytes }));

/** One I-frame a segment, of a tenth of its bytes, behind a header of 500. */
const iFrames = (made: readonly Segment[]): IFrame[] =>
  made.map(({ durationTicks, sizeBytes }, index) => ({
    segmentNumber: index + 1,
    offsetBytes: 0,
    sizeBytes: 500 + Math.round(sizeBytes / 10),
    durationTicks,
  }));

const rung = (height: number, width: number, sizeFactor: number): VideoTrack => {
  const made = [
    ...segments(96_096, [100_000 * sizeFactor, 120_000 * sizeFactor, 90_000 * sizeFactor]),
    ...segments(11_011, [20_000 * sizeFactor]),
  ];
  return { ...picture(height, width), segments: made, iFrames: iFrames(made) };
};

const picture = (height: number, width: number) => ({
  kind: "video" as const,
  name: `${height}p`,
  id: `v${height}`,
  path: `v/${height}`,
  codecs: "avc1.64001f",
  timescale: 24_000,
  startTicks: 0,
  width,
  height,
  frameRate: { numerator: 24_000, denominator: 1001 },
});

export const englishAudio: AudioTrack = {
  kind: "audio",
  id: "a-en",
  path: "a/en",
  codecs: "mp4a.40.2",
  timescale: 48_000,
  startTicks: 0,
  language: "en",
  channels: 2,
  sampleRate: 48_000,
  segments: [...segments(192_512, [64_000, 64_100, 64_200]), ...segments(22_528, [8_000])],
};

/** Two rungs at 23.976 frames/s and one language; three segments of 96 frames and one of 11. */
export const examplePresentation: Presentation = {
  durationSeconds: 12.470_833,
  video: [rung(360, 640, 1), rung(720, 1280, 3)],
  audio: [englishAudio],
  text: [],
};

const sizeBytes = fc.integer({ min: 1, max: 20_000_000 });
const languages = fc.uniqueArray(fc.constantFrom("en", "de", "pt-BR", "zh-Hant", "und"), {
  maxLength: 3,
});

/** Any presentation that the pipeline may produce: aligned rungs, up to three languages. */
export const anyPresentation: fc.Arbitrary<Presentation> = fc
  .record({
    timescale: fc.constantFrom(15_360, 24_000, 30_000, 90_000),
    seconds: fc.array(fc.double({ min: 0.02, max: 6, noNaN: true }), {
      minLength: 1,
      maxLength: 9,
    }),
    startTicks: fc.nat({ max: 100_000 }),
    rungs: fc.integer({ min: 1, max: 3 }),
    languages,
  })
  .chain((shape) => {
    const timeline = (timescale: number) =>
      fc.tuple(
        ...shape.seconds.map((seconds) =>
          sizeBytes.map((size) => ({
            durationTicks: Math.max(1, Math.round(seconds * timescale)),
            sizeBytes: size,
          })),
        ),
      );
    const sourceSeconds = shape.seconds.reduce((sum, seconds) => sum + seconds, 0);
    return fc.record({
      durationSeconds: fc.constant(sourceSeconds),
      text: fc.constant([]),
      video: fc.tuple(
        ...[rung(360, 640, 1), rung(720, 1280, 1), rung(1080, 1920, 1)]
          .slice(0, shape.rungs)
          .map((track) =>
            timeline(shape.timescale).map((made) => ({
              ...track,
              timescale: shape.timescale,
              startTicks: shape.startTicks,
              segments: made,
              iFrames: iFrames(made),
            })),
          ),
      ),
      audio: fc.tuple(
        ...shape.languages.map((language) =>
          timeline(48_000).map((made) => ({
            ...englishAudio,
            id: `a-${language}`,
            path: `a/${language}`,
            language,
            segments: made,
          })),
        ),
      ),
    });
  });
