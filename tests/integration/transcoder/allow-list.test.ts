import { describe, expect, test } from "bun:test";
import type { FFDecoderCodec } from "node-av/constants";
import { avGetCodecName, Codec, InputFormat } from "node-av/lib";
import {
  ALLOWED_AUDIO_CODECS,
  ALLOWED_DEMUXERS,
  ALLOWED_VIDEO_CODECS,
  allowedDecoder,
} from "../../../src/transcoder/ffmpeg/allow-list.ts";
import { Decoder } from "../../../src/transcoder/ffmpeg/decoder.ts";
import { MediaInput } from "../../../src/transcoder/ffmpeg/media-input.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { media } from "../../fixtures/media.ts";

const open = async (path: string) =>
  MediaInput.open(await openSource(path, { signal: new AbortController().signal }));

/** AV_PIX_FMT_NONE: nobody has looked into the pictures. */
const UNKNOWN_FORMAT = -1;

describe("MagicYUV (CVE-2026-8461) is reached neither by the look at a file nor by decoding it", () => {
  for (const name of ["magicyuv.mkv", "magicyuv.avi", "magicyuv.mov"] as const) {
    test(name, async () => {
      await using input = await open(await media(name));
      expect(avGetCodecName(input.stream(0).codecpar.codecId)).toBe("magicyuv");
      // Only its decoder knows the pixel format; the containers do not say.
      expect(Number(input.stream(0).codecpar.format)).toBe(UNKNOWN_FORMAT);
      expect(Decoder.open(input.stream(0), 1)).rejects.toMatchObject({
        code: "source_unsupported_codec",
      });
      expect(allowedDecoder("magicyuv")).toBeNull();
    });
  }
});

test("the same look finds out about a codec that is on the list", async () => {
  await using input = await open(await media("prores.mov"));
  expect(Number(input.stream(0).codecpar.format)).not.toBe(UNKNOWN_FORMAT);
});

test("every decoder and demuxer on the lists is in this build", () => {
  for (const { decoder } of Object.values({ ...ALLOWED_VIDEO_CODECS, ...ALLOWED_AUDIO_CODECS })) {
    expect([decoder, Codec.findDecoderByName(decoder as FFDecoderCodec)?.isDecoder()]).toEqual([
      decoder,
      true,
    ]);
  }
  for (const name of Object.keys(ALLOWED_DEMUXERS)) {
    expect([name, InputFormat.findInputFormat(name) !== null]).toEqual([name, true]);
  }
});

test("nothing that opens other files or addresses is on the list of demuxers", () => {
  const openers = [
    "concat",
    "concatf",
    "hls",
    "applehttp",
    "dash",
    "image2",
    "sdp",
    "rtsp",
    "lavfi",
  ];
  const others = [
    "imf",
    "webm_dash_manifest",
    "vapoursynth",
    "libgme",
    "tedcaptions",
    "ffmetadata",
  ];
  for (const name of [...openers, ...others]) {
    expect([name, Object.hasOwn(ALLOWED_DEMUXERS, name)]).toEqual([name, false]);
  }
});

test("names that look like another protocol stay file names", async () => {
  for (const name of ["concat:a.mp4|b.mp4", "data:video/mp4;base64,AAAA", "pipe:0"]) {
    await expect(open(name)).rejects.toMatchObject({ code: "source_not_found" });
  }
});
