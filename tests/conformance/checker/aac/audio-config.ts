import { Cursor, Unreadable } from "../cursor.ts";
import { BitReader } from "../h264/bit-reader.ts";

/** What esds says about AAC (ISO/IEC 14496-1 §7.2.6, ISO/IEC 14496-3 §1.6.2.1). */
export type AudioConfig = {
  /** Object type indication; 0x40 is MPEG-4 audio. */
  readonly objectTypeIndication: number;
  /** 5 is sound. */
  readonly streamType: number;
  readonly averageBitrate: number;
  /** 2 is AAC-LC. */
  readonly objectType: number;
  readonly sampleRate: number;
  /** Channel configuration; 7 means eight channels. */
  readonly channelConfiguration: number;
  /** Samples of a frame: 1024 or 960. */
  readonly frameSamples: number;
};

/** Table 1.18 of ISO/IEC 14496-3, in Hz. */
const SAMPLE_RATES = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

/** Channels of a channel configuration (table 1.19). */
export const channelsOf = (configuration: number): number =>
  configuration === 7 ? 8 : configuration;

/** Reads the descriptors behind esds' version and flags. */
export const readEsds = (bytes: Uint8Array): AudioConfig => {
  const es = enter(new Cursor(bytes), 3);
  es.skip(2);
  const flags = es.u8();
  if (flags & 0x80) es.skip(2);
  if (flags & 0x40) es.skip(es.u8());
  if (flags & 0x20) es.skip(2);
  const decoder = enter(es, 4);
  const objectTypeIndication = decoder.u8();
  const streamType = decoder.u8() >> 2;
  decoder.skip(3 + 4); // buffer size, highest bit rate
  const averageBitrate = decoder.u32();
  const specific = enter(decoder, 5).rest();
  return { objectTypeIndication, streamType, averageBitrate, ...readSpecific(specific) };
};

const readSpecific = (bytes: Uint8Array) => {
  const reader = new BitReader(bytes);
  const short = reader.bits(5);
  const objectType = short === 31 ? 32 + reader.bits(6) : short;
  const index = reader.bits(4);
  const sampleRate = index === 15 ? reader.bits(24) : (SAMPLE_RATES[index] ?? 0);
  const channelConfiguration = reader.bits(4);
  const frameSamples = reader.bits(1) === 1 ? 960 : 1024;
  return { objectType, sampleRate, channelConfiguration, frameSamples };
};

/** The descriptor that begins here; its length is written in up to four groups of seven bits. */
const enter = (cursor: Cursor, tag: number): Cursor => {
  const found = cursor.u8();
  if (found !== tag) throw new Unreadable(`descriptor ${found} instead of ${tag}`);
  let length = 0;
  for (let more = true, count = 0; more; count += 1) {
    if (count === 4) throw new Unreadable("descriptor length of more than four bytes");
    const byte = cursor.u8();
    length = (length << 7) | (byte & 0x7f);
    more = byte >= 0x80;
  }
  return new Cursor(cursor.bytes(length));
};
