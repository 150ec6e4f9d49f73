import { type AudioConfig, channelsOf } from "../aac/audio-config.ts";
import { Unreadable } from "../cursor.ts";
import type { Findings } from "../finding.ts";
import { BitReader } from "../h264/bit-reader.ts";
import type { Presentation, Track } from "../presentation.ts";
import { sampleBytes } from "./h264-pictures.ts";

const AAC_LC = 2;
const MPEG4_AUDIO = 0x40;
const AUDIO_STREAM = 5;

/** Rules about AAC: its configuration against the header, and every frame. */
export const checkSound = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    const { aac } = track.header.entry;
    if (aac === null) continue;
    checkConfig(track, aac, findings);
    for (const segment of track.segments) checkFrames(track, segment, aac, findings);
  }
};

const checkConfig = ({ header, headerFile }: Track, aac: AudioConfig, findings: Findings): void => {
  const rule = "aac-config";
  findings.same(
    aac.objectTypeIndication,
    MPEG4_AUDIO,
    rule,
    headerFile,
    "The object type indication",
  );
  findings.same(aac.streamType, AUDIO_STREAM, rule, headerFile, "The stream type");
  findings.same(aac.objectType, AAC_LC, rule, headerFile, "The audio object type");
  findings.same(
    header.entry.sound?.sampleRate,
    aac.sampleRate,
    rule,
    headerFile,
    "mp4a's rate beside AudioSpecificConfig",
  );
  findings.same(
    header.media.timescale,
    aac.sampleRate,
    rule,
    headerFile,
    "mdhd's timescale beside AudioSpecificConfig",
  );
  const channels = channelsOf(aac.channelConfiguration);
  findings.same(
    header.entry.sound?.channels,
    channels,
    rule,
    headerFile,
    "mp4a's channels beside AudioSpecificConfig",
  );
  findings.require(
    channels === 1 || channels === 2,
    rule,
    headerFile,
    `${channels} channels do not play everywhere.`,
  );
};

/** Bits of one channel's frame at most (ISO/IEC 14496-3 §4.5.1.1). */
const MOST_BITS = 6144;

/** Identifiers of syntactic elements (ISO/IEC 14496-3 table 4.85). */
const element = { singleChannel: 0, channelPair: 1, dataStream: 4, fill: 6 } as const;

const checkFrames = (
  track: Track,
  segment: Track["segments"][number],
  aac: AudioConfig,
  findings: Findings,
): void => {
  const { file } = segment;
  const channels = channelsOf(aac.channelConfiguration);
  const frames = sampleBytes(segment);
  const durations = segment.fragments.flatMap(({ samples }) =>
    samples.map(({ duration }) => duration),
  );
  const isLast = track.segments.at(-1) === segment;
  for (const [index, bytes] of frames.entries()) {
    const duration = durations[index] ?? 0;
    const isEnd = isLast && index === frames.length - 1;
    const isWhole = duration === aac.frameSamples || (isEnd && duration < aac.frameSamples);
    findings.require(
      isWhole,
      "aac-frames",
      file,
      `Frame ${index} lasts ${duration}, not ${aac.frameSamples}.`,
    );
    const isSmall = bytes.length * 8 <= MOST_BITS * channels;
    findings.require(isSmall, "aac-frames", file, `Frame ${index} has ${bytes.length} bytes.`);
    const first = firstChannelElement(bytes);
    const expected = channels === 1 ? element.singleChannel : element.channelPair;
    findings.same(first, expected, "aac-elements", file, `First channel element of frame ${index}`);
  }
};

/** The first element that holds sound, behind fill and data elements (ISO/IEC 14496-3 §4.4.2.1); null when there is none. */
const firstChannelElement = (frame: Uint8Array): number | null => {
  const reader = new BitReader(frame);
  try {
    for (;;) {
      const id = reader.bits(3);
      if (id === element.fill) {
        const short = reader.bits(4);
        skip(reader, short === 15 ? 14 + reader.bits(8) : short);
      } else if (id === element.dataStream) return null;
      else return id;
    }
  } catch (thrown) {
    if (thrown instanceof Unreadable) return null;
    throw thrown;
  }
};

const skip = (reader: BitReader, bytes: number): void => {
  for (let left = bytes; left > 0; left -= 1) reader.bits(8);
};
