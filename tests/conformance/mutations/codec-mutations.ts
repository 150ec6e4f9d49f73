import { asBits, replaceBits } from "./bits.ts";
import type { Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";
import { segmentEdits } from "./segment-mutations.ts";

const { low, high, english } = files;
const { place, sampleField, flagsOf, firstFlags } = segmentEdits;

const avcC = "moov/trak/mdia/minf/stbl/stsd/avc1/avcC";
const avc1 = "moov/trak/mdia/minf/stbl/stsd/avc1";

const inConfig =
  (file: string, change: (body: DataView) => void) =>
  (draft: Draft): void =>
    draft.box(file, avcC, change);

/** avcC with one sequence parameter set (ISO/IEC 14496-15 §5.3.3.1): it begins behind a length at byte 6. */
const SPS_AT = 8;

/** Changes the sequence parameter set of a header. */
const inSps =
  (file: string, change: (unit: Uint8Array) => Uint8Array) =>
  (draft: Draft): void =>
    draft.boxBytes(file, avcC, (body) => {
      const length = new DataView(body.buffer, body.byteOffset).getUint16(6);
      const unit = change(Uint8Array.from(body.subarray(SPS_AT, SPS_AT + length)));
      const head = Uint8Array.from(body.subarray(0, SPS_AT));
      new DataView(head.buffer).setUint16(6, unit.length);
      return Buffer.concat([head, unit, body.subarray(SPS_AT + length)]);
    });

/** Where picture parameters begin: behind the sequence parameter set, a count and a length. */
const ppsAt = (body: DataView): number => SPS_AT + body.getUint16(6) + 3;

/** Changes the bytes of one sample in mdat; `bytes` begins with the length of its first NAL unit. */
const inSample =
  (file: string, sample: number, change: (bytes: Uint8Array) => void) =>
  (draft: Draft): void => {
    let start = 0;
    let size = 0;
    // Read here, changed nowhere: the box stays as it is.
    const { start: from, size: length } = sampleRange(draft, file, sample);
    [start, size] = [from, length];
    draft.boxBytes(file, "mdat", (body) => {
      const copy = Uint8Array.from(body);
      change(copy.subarray(start, start + size));
      return copy;
    });
  };

const sampleRange = (
  draft: Draft,
  file: string,
  sample: number,
): { start: number; size: number } => {
  const bytes = draft.bytes(file);
  const at = Buffer.from(bytes).indexOf("trun", 0, "latin1") + 4;
  const body = new DataView(bytes.buffer, bytes.byteOffset + at);
  const sizeOf = (index: number): number => body.getUint32(place(body, index, "size"));
  const before = Array.from({ length: sample }, (_, index) => sizeOf(index));
  return { start: before.reduce((sum, size) => sum + size, 0), size: sizeOf(sample) };
};

/** Bytes of a sample's NAL units behind their lengths. */
const unitsOf = (sample: Uint8Array): Uint8Array[] => {
  const units: Uint8Array[] = [];
  for (let at = 0; at < sample.length; ) {
    const length = new DataView(sample.buffer, sample.byteOffset + at).getUint32(0);
    units.push(sample.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return units;
};

/** Changes the first slice of a sample; byte 0 is the NAL unit's header. */
const inSlice = (file: string, sample: number, change: (slice: Uint8Array) => void) =>
  inSample(file, sample, (bytes) => {
    const slice = unitsOf(bytes).find((unit) => [1, 5].includes((unit[0] ?? 0) & 0x1f));
    if (slice === undefined) throw new Error(`Sample ${sample} of ${file} has no slice.`);
    change(slice);
  });

const setByte =
  (at: number, change: (byte: number) => number) =>
  (bytes: Uint8Array): void => {
    bytes[at] = change(bytes[at] ?? 0);
  };

/** The clock of a stream of ten pictures a second: one unit of twentieths (ITU-T H.264 §E.2.1). */
const tenPictures = asBits(1, 32) + asBits(20, 32);

/** BT.709 three times over. */
const standardColours = asBits(0x010101, 24);

/** Defects of H.264 and AAC, in headers and in samples. */
export const codecMutations: readonly Mutation[] = [
  {
    name: "avcC of version 0",
    rule: "h264-config",
    damage: inConfig(low.header, (body) => body.setUint8(0, 0)),
  },
  {
    name: "no picture parameter set",
    rule: "h264-config",
    damage: (draft) => draft.boxBytes(low.header, avcC, withoutPps),
  },
  {
    name: "NAL lengths of two bytes",
    rule: "h264-nal-units",
    damage: inConfig(high.header, (body) => body.setUint8(4, 0xfd)),
  },
  {
    name: "another profile in avcC",
    rule: "h264-parameter-sets",
    damage: inConfig(low.header, (body) => body.setUint8(1, 77)),
  },
  {
    name: "another level in avcC",
    rule: "h264-parameter-sets",
    damage: inConfig(low.header, (body) => body.setUint8(3, 51)),
  },
  {
    name: "picture parameters that name another set",
    rule: "h264-parameter-sets",
    damage: inConfig(low.header, (body) => {
      // The two ids are 0, one bit each, at the beginning: 1 1; id 1 is written 0 1 0.
      const at = ppsAt(body) + 1;
      body.setUint8(at, 0b10100000 | (body.getUint8(at) & 0x1f));
    }),
  },
  {
    name: "a sequence parameter set of another type",
    rule: "h264-parameter-sets",
    damage: inConfig(low.header, (body) => body.setUint8(SPS_AT, 0x68)),
  },
  {
    name: "a sequence parameter set cut off",
    rule: "h264-parameter-sets",
    damage: inSps(low.header, (unit) => unit.subarray(0, 6)),
  },
  { name: "the other rung's avcC", rule: "h264-size", damage: otherConfig },
  {
    name: "another width in avc1",
    rule: "h264-size",
    damage: (draft) => draft.box(low.header, avc1, (body) => body.setUint16(24, 632)),
  },
  {
    name: "another height in avc1",
    rule: "h264-size",
    damage: (draft) => draft.box(high.header, avc1, (body) => body.setUint16(26, 718)),
  },
  { name: "4:2:2", rule: "h264-format", damage: inSps(low.header, (unit) => replaceFormat(unit)) },
  {
    name: "other colours in the stream",
    rule: "h264-colour",
    damage: inSps(low.header, (unit) => replaceBits(unit, standardColours, asBits(0x010109, 24))),
  },
  {
    name: "another clock in the stream",
    rule: "h264-timing",
    damage: inSps(low.header, (unit) =>
      replaceBits(unit, tenPictures, asBits(1, 32) + asBits(24, 32)),
    ),
  },
  {
    name: "a level too low for the size",
    rule: "h264-level",
    damage: inSps(high.header, (unit) =>
      Uint8Array.from(unit, (byte, at) => (at === 3 ? 20 : byte)),
    ),
  },
  {
    name: "a level that nobody knows",
    rule: "h264-level",
    damage: inSps(low.header, (unit) =>
      Uint8Array.from(unit, (byte, at) => (at === 3 ? 99 : byte)),
    ),
  },
  {
    name: "a NAL unit one byte too long",
    rule: "h264-nal-units",
    damage: inSample(
      low.segment(1),
      2,
      setByte(3, (byte) => byte + 1),
    ),
  },
  {
    name: "a byte of a sample in the next",
    rule: "h264-nal-units",
    damage: (draft) => {
      sampleField(low.segment(2), "size", 3, (size) => size + 1)(draft);
      sampleField(low.segment(2), "size", 4, (size) => size - 1)(draft);
    },
  },
  {
    name: "the forbidden bit",
    rule: "h264-nal-units",
    damage: inSlice(
      high.segment(1),
      4,
      setByte(0, (byte) => byte | 0x80),
    ),
  },
  {
    name: "a start code in a slice",
    rule: "h264-nal-units",
    damage: inSlice(low.segment(1), 0, (slice) => slice.set([0, 0, 1], 40)),
  },
  {
    name: "an unknown type of NAL unit",
    rule: "h264-nal-units",
    damage: inSlice(
      low.segment(1),
      3,
      setByte(0, (byte) => (byte & 0xe0) | 24),
    ),
  },
  {
    name: "a parameter set among the pictures",
    rule: "h264-parameter-sets",
    damage: inSlice(
      low.segment(2),
      3,
      setByte(0, (byte) => (byte & 0xe0) | 8),
    ),
  },
  {
    name: "a segment that begins with no IDR picture",
    rule: "h264-idr",
    damage: inSlice(
      low.segment(2),
      0,
      setByte(0, (byte) => (byte & 0xe0) | 1),
    ),
  },
  {
    name: "an IDR picture that is not marked",
    rule: "h264-idr",
    damage: firstFlags(low.segment(1), 0x01010000, 1),
  },
  {
    name: "a picture marked that is no IDR picture",
    rule: "h264-idr",
    damage: flagsOf(high.segment(1), 3, 0x02000000),
  },
  {
    name: "a predicted slice in an IDR picture",
    rule: "h264-slices",
    damage: inSlice(
      low.segment(1),
      0,
      setByte(1, (byte) => byte ^ 1),
    ),
  },
  {
    name: "an IDR picture that begins late",
    rule: "h264-slices",
    damage: inSlice(
      low.segment(1),
      0,
      setByte(1, () => 0x48),
    ),
  },
  {
    name: "an IDR picture with a number",
    rule: "h264-slices",
    damage: inSlice(
      low.segment(3),
      0,
      setByte(2, (byte) => byte | 0x40),
    ),
  },
  {
    name: "picture parameters that are not there",
    rule: "h264-slices",
    damage: inSlice(
      low.segment(2),
      0,
      setByte(2, (byte) => (byte & 0x1f) | 0x40),
    ),
  },
  {
    name: "an IDR picture that is no reference",
    rule: "h264-slices",
    damage: inSlice(
      high.segment(2),
      0,
      setByte(0, (byte) => byte & 0x9f),
    ),
  },
  { name: "two pictures shown in each other's place", rule: "h264-order", damage: swapTimes },
  {
    name: "a channel pair that is none",
    rule: "aac-elements",
    damage: inSample(
      english.segment(2),
      5,
      setByte(0, (byte) => byte & 0x1f),
    ),
  },
  { name: "frames of sound cut one byte early", rule: "aac-elements", damage: shiftFrames },
  {
    name: "a frame of sound that is too large",
    rule: "aac-frames",
    damage: (draft) => joinFrames(draft),
  },
];

function withoutPps(body: Uint8Array): Uint8Array {
  const view = new DataView(body.buffer, body.byteOffset);
  const end = SPS_AT + view.getUint16(6);
  const length = view.getUint16(end + 1);
  return Buffer.concat([
    body.subarray(0, end),
    new Uint8Array([0]),
    body.subarray(end + 3 + length),
  ]);
}

function otherConfig(draft: Draft): void {
  let other: Uint8Array | undefined;
  const reader = new (draft.constructor as typeof Draft)(draft.files);
  reader.boxBytes(high.header, avcC, (body) => {
    other = Uint8Array.from(body);
    return null;
  });
  draft.boxBytes(low.header, avcC, () => other ?? null);
}

/** The fifth byte of a High profile's set begins with its id (0: 1) and the chroma format (1: 010; 2: 011). */
function replaceFormat(unit: Uint8Array): Uint8Array {
  return Uint8Array.from(unit, (byte, at) => (at === 4 ? byte | 0b00010000 : byte));
}

/** Two pictures that are decoded after each other swap their times of showing, so that no gap appears. */
function swapTimes(draft: Draft): void {
  const ticks = durationOf(draft);
  draft.box(low.segment(1), "moof/traf/trun", (body) => {
    const [one, other] = [place(body, 1, "offset"), place(body, 2, "offset")];
    const [first, second] = [body.getUint32(one), body.getUint32(other)];
    body.setUint32(one, second + ticks);
    body.setUint32(other, first - ticks);
  });
}

const durationOf = (draft: Draft): number => {
  const bytes = Buffer.from(draft.bytes(low.segment(1)));
  return bytes.readUInt32BE(bytes.indexOf("tfhd", 0, "latin1") + 4 + 12);
};

/** Each of ten frames takes the first byte of the next. */
function shiftFrames(draft: Draft): void {
  sampleField(english.segment(2), "size", 10, (size) => size + 1)(draft);
  sampleField(english.segment(2), "size", 20, (size) => size - 1)(draft);
}

/** One frame takes nearly all of its neighbours' bytes. */
function joinFrames(draft: Draft): void {
  let taken = 0;
  for (let frame = 1; frame < 20; frame += 1) {
    sampleField(english.segment(1), "size", frame, (size) => {
      taken += size - 1;
      return 1;
    })(draft);
  }
  sampleField(english.segment(1), "size", 0, (size) => size + taken)(draft);
}
