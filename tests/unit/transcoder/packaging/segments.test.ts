import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { path as ffmpegPath } from "@ffmpeg-installer/ffmpeg";
import * as fc from "fast-check";
import { SluiceError } from "../../../../src/errors.ts";
import { findBox, readBoxes } from "../../../../src/transcoder/packaging/boxes.ts";
import {
  avcCodecString,
  mp4aCodecString,
} from "../../../../src/transcoder/packaging/codec-string.ts";
import { iFramesOf } from "../../../../src/transcoder/packaging/i-frames.ts";
import { readInitSegment } from "../../../../src/transcoder/packaging/init-segment.ts";
import { readMediaSegment } from "../../../../src/transcoder/packaging/media-segment.ts";

/** Another program's fragmented MP4, so that reading is not tested against our own idea of it. */
const encode = async (folder: string, name: string, options: readonly string[]) => {
  const file = join(folder, name);
  const fragmented = ["-movflags", "frag_keyframe+delay_moov+default_base_moof", file];
  const run = Bun.spawnSync([ffmpegPath, "-v", "error", ...options, ...fragmented]);
  if (!run.success) throw new Error(run.stderr.toString());
  const bytes = await Bun.file(file).bytes();
  const boxes = readBoxes(bytes);
  const offsetOf = (type: string): number => {
    const index = boxes.findIndex((box) => box.type === type);
    return boxes.slice(0, index).reduce((sum, box) => sum + box.body.byteLength + 8, 0);
  };
  return {
    init: bytes.subarray(0, offsetOf("moof")),
    media: bytes.subarray(offsetOf("moof"), offsetOf("mfra")),
  };
};

let folder = "";
let video: Awaited<ReturnType<typeof encode>>;
let audio: Awaited<ReturnType<typeof encode>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-segments-"));
  const pattern = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1"];
  const h264 = ["-c:v", "libx264", "-profile:v", "high", "-level", "3.1", "-pix_fmt", "yuv420p"];
  video = await encode(folder, "video.mp4", [...pattern, ...h264, "-g", "10"]);
  const tone = ["-f", "lavfi", "-i", "sine=r=48000:d=1"];
  audio = await encode(folder, "audio.mp4", [...tone, "-c:a", "aac", "-frag_duration", "5000000"]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a real video track", () => {
  test("names its codec, timescale and size of fragments", () => {
    const init = readInitSegment(video.init);
    expect(init.codecs).toBe("avc1.64001f");
    const media = readMediaSegment(video.media, init);
    expect(media.startTicks).toBe(0);
    expect(media.sampleCount).toBe(25);
    expect(media.durationTicks).toBe(init.timescale);
    expect(media.sizeBytes).toBe(video.media.byteLength);
  });

  test("read from its second fragment on, starts where the first one ended", () => {
    const init = readInitSegment(video.init);
    const [moof, mdat] = readBoxes(video.media);
    const firstBytes = 16 + (moof?.body.byteLength ?? 0) + (mdat?.body.byteLength ?? 0);
    const rest = readMediaSegment(video.media.subarray(firstBytes), init);
    expect(rest.startTicks).toBe(0.4 * init.timescale);
    expect(rest.durationTicks).toBe(0.6 * init.timescale);
  });
});

describe("I-frames of a real video track", () => {
  test("are reached from the moof to the picture's last byte, one for each GOP", async () => {
    const init = readInitSegment(video.init);
    const iFrames = iFramesOf(readMediaSegment(video.media, init), 7);
    expect(
      iFrames.map(({ segmentNumber, durationTicks }) => [segmentNumber, durationTicks]),
    ).toEqual([0.4, 0.4, 0.2].map((seconds) => [7, seconds * init.timescale]));
    // Another decoder gets one whole picture out of each range.
    for (const [index, { offsetBytes, sizeBytes }] of iFrames.entries()) {
      const range = video.media.subarray(offsetBytes, offsetBytes + sizeBytes);
      expect(String.fromCharCode(...range.subarray(4, 8))).toBe("moof");
      const file = join(folder, `i-frame-${index}.mp4`);
      await Bun.write(file, Buffer.concat([video.init, range]));
      const probed = Bun.spawnSync([
        ...[ffmpegPath, "-v", "quiet", "-i", file, "-frames:v", "1"],
        ...["-f", "rawvideo", "-pix_fmt", "gray", "-"],
      ]);
      expect(probed.stdout.byteLength).toBe(64 * 64);
    }
  });

  test("a fragment without one lengthens the one before; a segment that begins with none is refused", () => {
    const fragment = (offsetBytes: number, isSync: boolean) => ({
      ...{ startTicks: 0, durationTicks: 100, sampleCount: 10, offsetBytes },
      firstSample: { isSync, endBytes: offsetBytes + 50 },
    });
    const fragments = [fragment(0, true), fragment(900, false), fragment(1800, true)];
    expect(iFramesOf({ fragments }, 1)).toEqual([
      { segmentNumber: 1, offsetBytes: 0, sizeBytes: 50, durationTicks: 200 },
      { segmentNumber: 1, offsetBytes: 1800, sizeBytes: 50, durationTicks: 100 },
    ]);
    expect(() => iFramesOf({ fragments: fragments.slice(1) }, 1)).toThrow("sync sample");
  });
});

describe("a real audio track", () => {
  test("names its codec, timescale and the encoder delay to skip", () => {
    const init = readInitSegment(audio.init);
    expect(init).toMatchObject({ codecs: "mp4a.40.2", timescale: 48_000 });
    expect(init.presentationStartTicks).toBe(1024);
    const media = readMediaSegment(audio.media, init);
    expect(media.sampleCount).toBe(48); // 47 frames hold 48,000 samples, one more the delay
    expect(media.durationTicks).toBeGreaterThanOrEqual(48_000);
  });
});

describe("codec strings", () => {
  test("of AVC are profile, constraints and level in hexadecimal", () => {
    expect(avcCodecString(Uint8Array.of(1, 0x42, 0xc0, 0x0d, 0xff))).toBe("avc1.42c00d");
  });

  test("of AAC read past optional fields, long lengths and the escaped object type", () => {
    const config = [0x05, 0x80, 0x80, 0x80, 0x02, 0xf8, 0x40]; // type 31 escapes to 32 + 2
    const decoder = [0x04, 13 + config.length, 0x40, ...new Array(12).fill(0), ...config];
    const optional = [0, 1, 0xe0, 0, 7, 2, 0x61, 0x62, 0, 9]; // depends on, URL "ab", OCR
    const esds = [0, 0, 0, 0, 0x03, optional.length + decoder.length, ...optional, ...decoder];
    expect(mp4aCodecString(Uint8Array.from(esds))).toBe("mp4a.40.34");
  });

  test("of MP3 in MP4 are the object type alone", () => {
    const decoder = [0x04, 13, 0x6b, ...new Array(12).fill(0)];
    const esds = [0, 0, 0, 0, 0x03, 3 + decoder.length, 0, 1, 0, ...decoder];
    expect(mp4aCodecString(Uint8Array.from(esds))).toBe("mp4a.6b");
  });
});

describe("boxes", () => {
  test("with a 64-bit size, and one to the end of the file", () => {
    const large = [0, 0, 0, 1, 0x66, 0x72, 0x65, 0x65, 0, 0, 0, 0, 0, 0, 0, 18, 0xaa, 0xbb];
    const last = [0, 0, 0, 0, 0x6d, 0x64, 0x61, 0x74, 0xcc];
    expect(readBoxes(Uint8Array.from([...large, ...last]))).toEqual([
      { type: "free", start: 0, body: Uint8Array.of(0xaa, 0xbb) },
      { type: "mdat", start: 18, body: Uint8Array.of(0xcc) },
    ]);
  });

  test("that claim more or less than there is are refused", () => {
    const tooLong = Uint8Array.of(0, 0, 0, 9, 0x66, 0x72, 0x65, 0x65);
    const tooShort = Uint8Array.of(0, 0, 0, 7, 0x66, 0x72, 0x65, 0x65);
    expect(() => readBoxes(tooLong)).toThrow("1 bytes wanted, 0 left");
    expect(() => readBoxes(tooShort)).toThrow("claims 7 bytes");
    expect(findBox(Uint8Array.of(), "moov", "trak")).toBeUndefined();
  });
});

describe("damaged bytes", () => {
  const readAll = (init: Uint8Array, media: Uint8Array) =>
    readMediaSegment(media, readInitSegment(init));

  test("anywhere in a real file are read or refused, and nothing else happens", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1 });
    const source = fc.constantFrom("video" as const, "audio" as const);
    fc.assert(
      fc.property(source, damage, fc.nat(), (kind, edits, cut) => {
        const { init, media } = kind === "video" ? video : audio;
        const whole = Buffer.concat([init, media.subarray(0, 600)]);
        for (const [position, value] of edits) whole[position % whole.byteLength] = value;
        const broken = whole.subarray(0, cut % (whole.byteLength + 1));
        try {
          readAll(broken.subarray(0, init.byteLength), broken.subarray(init.byteLength));
        } catch (error) {
          expect(error).toBeInstanceOf(SluiceError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
