import { describe, expect, test } from "bun:test";
import { readAccessUnit } from "../../../../src/transcoder/h264/access-unit.ts";
import { BitReader } from "../../../../src/transcoder/h264/bit-reader.ts";
import {
  readDecoderConfiguration,
  writeDecoderConfiguration,
} from "../../../../src/transcoder/h264/decoder-configuration.ts";
import { joinNalUnits, splitNalUnits } from "../../../../src/transcoder/h264/nal-units.ts";
import { readSequenceParameters } from "../../../../src/transcoder/h264/sequence-parameters.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** x264's sets for 1920x1080 at 25/s: High, level 4.0, cropped by 8 lines, BT.709. */
const SPS = hex("67640028acd940780227e5c05a808080a0000003002000000641e30632c0");
const PPS = hex("68ebe3cb22c0");

describe("NAL units", () => {
  test("are told apart by their lengths, and by start codes of three and four bytes", () => {
    const units = [hex("6588840a"), hex("4188"), hex("06050101")];
    expect(splitNalUnits(joinNalUnits(units), 4)?.map((unit) => [...unit])).toEqual(
      units.map((unit) => [...unit]),
    );
    const framed = hex("000000016588840a0000014188000000000106050101");
    expect(splitNalUnits(framed, "start-codes")?.map((unit) => [...unit])).toEqual(
      units.map((unit) => [...unit]),
    );
    expect(splitNalUnits(hex("00026588"), 2)?.length).toBe(1);
  });

  test("whose lengths do not fit, and bytes before a start code, are damage", () => {
    expect(splitNalUnits(hex("0000000565"), 4)).toBeNull();
    expect(splitNalUnits(hex("00000000"), 4)).toBeNull();
    expect(splitNalUnits(hex("6588"), "start-codes")).toBeNull();
    expect(splitNalUnits(hex("ff00000165"), "start-codes")).toBeNull();
  });
});

describe("bits", () => {
  test("Exp-Golomb numbers, behind emulation prevention", () => {
    // 1, 010, 011, 00100, 00101 and 0…0 0000_0011 with a 3 put in
    const bits = new BitReader(hex("a642980000030080"));
    expect([0, 1, 2, 3, 4].map(() => bits.unsigned())).toEqual([0, 1, 2, 3, 4]);
    expect(() => new BitReader(hex("0000")).unsigned()).toThrow(RangeError);
    expect(new BitReader(hex("28")).signed()).toBe(-2);
  });
});

describe("parameter sets", () => {
  test("say profile, size and colour", () => {
    expect(readSequenceParameters(SPS)).toMatchObject({
      profile: 100,
      level: 40,
      chromaFormat: 1,
      lumaBits: 8,
      isProgressive: true,
      width: 1920,
      height: 1080,
    });
    expect(readSequenceParameters(SPS.subarray(0, 6))).toBeNull();
  });

  test("come from a record or from start codes, and go into a record", () => {
    const record = writeDecoderConfiguration(SPS, [PPS]);
    const expected = { sequenceParameters: [SPS], pictureParameters: [PPS] };
    expect(readDecoderConfiguration(record)).toEqual({ framing: 4, ...expected });
    const framed = Buffer.concat([hex("00000001"), SPS, hex("000001"), PPS]);
    expect(readDecoderConfiguration(framed)).toEqual({ framing: "start-codes", ...expected });
    expect(readDecoderConfiguration(record.subarray(0, 12))).toBeNull();
  });
});

describe("a packet", () => {
  const configuration = {
    framing: 4,
    sequenceParameters: [SPS],
    pictureParameters: [PPS],
  } as const;
  const read = (...units: Uint8Array[]) => readAccessUnit(joinNalUnits(units), configuration);
  const idr = hex("65888400");
  const slice = hex("419a2468");
  const secondSlice = hex("410a2468");

  test("is an IDR picture only when its slices are", () => {
    expect(read(idr)).toMatchObject({ isIdr: true });
    expect(read(slice, secondSlice)).toMatchObject({ isIdr: false });
    // A recovery point message makes no IDR picture.
    expect(read(hex("0606018180"), slice)).toMatchObject({ isIdr: false });
    expect(read(idr, secondSlice)).toBe("damaged");
  });

  test("loses framing and repeated parameter sets, and keeps messages", () => {
    const unit = read(hex("09f0"), SPS, PPS, hex("0605010180"), idr, hex("0cff80"));
    expect(unit).toMatchObject({ isIdr: true });
    if (typeof unit === "string") throw new Error(unit);
    expect(unit.units.map(([header]) => (header ?? 0) & 0x1f)).toEqual([6, 5]);
  });

  test("with other parameters, extensions, or not exactly one picture is not taken", () => {
    expect(read(Uint8Array.from([...PPS.subarray(0, -1), 1]), idr)).toBe("other-parameters");
    expect(read(hex("6288"), idr)).toBe("extension");
    expect(read(hex("7488"), slice)).toBe("extension");
    expect(read(slice, slice)).toBe("damaged");
    expect(read(secondSlice)).toBe("damaged");
    expect(read(SPS)).toBe("damaged");
  });

  test.each([
    ["display orientation", "062f0180"],
    ["mastering display", "06890180"],
    ["content light level", "06900180"],
    ["alternative transfer", "06930180"],
    ["a second message behind another", "06050101930180"],
  ])("with a message about the picture (%s) is not taken", (_, message) => {
    expect(read(hex(`${message}80`), idr)).toBe("picture-message");
  });
});
