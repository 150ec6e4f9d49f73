import { requireBox } from "./boxes.ts";
import { ByteReader, malformed } from "./byte-reader.ts";

/** Fixed fields before the child boxes of a sample entry: ISO/IEC 14496-12 §12.1.3.2 and §12.2.3.2. */
const VISUAL_SAMPLE_ENTRY_BYTES = 78;
const AUDIO_SAMPLE_ENTRY_BYTES = 28;

/**
 * The RFC 6381 `codecs` value of a sample entry, as the manifests and `MediaSource.isTypeSupported`
 * want it. Throws `transcode_failed` for a codec that this package does not write.
 */
export const codecString = (sampleEntryType: string, sampleEntry: Uint8Array): string => {
  const childrenAfter = (fixedBytes: number): Uint8Array => {
    const reader = new ByteReader(sampleEntry);
    reader.skip(fixedBytes);
    return reader.take(reader.remaining);
  };
  switch (sampleEntryType) {
    case "avc1":
      return avcCodecString(requireBox(childrenAfter(VISUAL_SAMPLE_ENTRY_BYTES), "avcC").body);
    case "mp4a":
      return mp4aCodecString(requireBox(childrenAfter(AUDIO_SAMPLE_ENTRY_BYTES), "esds").body);
    default:
      throw malformed(`no codecs value is known for sample entry ${sampleEntryType}`);
  }
};

const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0");

/**
 * `avc1.PPCCLL` (RFC 6381 §3.3): profile, constraint flags and level, bytes 1 to 3 of the
 * AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
 */
export const avcCodecString = (avcC: Uint8Array): string => {
  const reader = new ByteReader(avcC);
  const configurationVersion = reader.u8();
  if (configurationVersion !== 1) throw malformed(`avcC version ${configurationVersion}`);
  return `avc1.${[reader.u8(), reader.u8(), reader.u8()].map(hexByte).join("")}`;
};

/** Descriptor tags of ISO/IEC 14496-1 §7.2.2.1. */
const ES_DESCRIPTOR = 0x03;
const DECODER_CONFIG_DESCRIPTOR = 0x04;
const DECODER_SPECIFIC_INFO = 0x05;

/** The object type whose decoder-specific info is an AudioSpecificConfig (RFC 6381 §3.3). */
const MPEG4_AUDIO = 0x40;

/** `mp4a.40.2` for AAC-LC: object type indication, then audio object type (RFC 6381 §3.3). */
export const mp4aCodecString = (esds: Uint8Array): string => {
  const fullBox = new ByteReader(esds);
  fullBox.skip(4); // version and flags, always 0 (ISO/IEC 14496-14 §6.7.2)

  const esDescriptor = openDescriptor(fullBox, ES_DESCRIPTOR);
  esDescriptor.skip(2); // ES_ID
  const flags = esDescriptor.u8();
  if (flags & 0x80) esDescriptor.skip(2); // dependsOn_ES_ID
  if (flags & 0x40) esDescriptor.skip(esDescriptor.u8()); // URL
  if (flags & 0x20) esDescriptor.skip(2); // OCR_ES_ID

  const decoderConfig = openDescriptor(esDescriptor, DECODER_CONFIG_DESCRIPTOR);
  const objectType = decoderConfig.u8();
  if (objectType !== MPEG4_AUDIO) return `mp4a.${hexByte(objectType)}`;
  decoderConfig.skip(12); // stream type, buffer size, maximum and average bit rate

  const audioConfig = openDescriptor(decoderConfig, DECODER_SPECIFIC_INFO);
  return `mp4a.${hexByte(objectType)}.${audioObjectType(audioConfig)}`;
};

/** First field of an AudioSpecificConfig, with its escape for types above 30 (ISO/IEC 14496-3 §1.6.2.1). */
const audioObjectType = (audioConfig: ByteReader): number => {
  const first = audioConfig.u8();
  const type = first >> 3;
  if (type !== 31) return type;
  return 32 + (((first & 0b111) << 3) | (audioConfig.u8() >> 5));
};

/** Enters the next descriptor; its length takes 7 bits a byte, four bytes at most (ISO/IEC 14496-1 §8.3.3). */
const openDescriptor = (reader: ByteReader, expectedTag: number): ByteReader => {
  const tag = reader.u8();
  if (tag !== expectedTag) throw malformed(`descriptor ${tag} where ${expectedTag} belongs`);
  let length = 0;
  for (let count = 0; count < 4; count += 1) {
    const byte = reader.u8();
    length = length * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return new ByteReader(reader.take(length));
};
