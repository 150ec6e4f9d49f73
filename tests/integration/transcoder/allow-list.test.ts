import { expect, test } from "bun:test";
import {
  ALLOWED_VIDEO_DECODERS,
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

test("MagicYUV (CVE-2026-8461) is reached neither by the look at a file nor by decoding it", async () => {
  await using input = await open(await media("magicyuv.mkv"));
  // Only its decoder knows the pixel format; Matroska does not say.
  expect(Number(input.stream(0).codecpar.format)).toBe(UNKNOWN_FORMAT);
  expect(Decoder.open(input.stream(0), 1)).rejects.toMatchObject({
    code: "source_unsupported_codec",
  });
  expect(allowedDecoder("magicyuv")).toBeNull();
});

test("the same look finds out about a codec that is on the list", async () => {
  await using input = await open(await media("prores.mov"));
  expect(Number(input.stream(0).codecpar.format)).not.toBe(UNKNOWN_FORMAT);
});

test("every decoder on the list is in this build", async () => {
  const { Codec } = await import("node-av/lib");
  const names = new Set(
    Codec.getCodecList()
      .filter((codec) => codec.isDecoder())
      .map((codec) => codec.name),
  );
  for (const name of Object.values(ALLOWED_VIDEO_DECODERS))
    expect([name, names.has(name)]).toEqual([name, true]);
});

test("names that look like another protocol stay file names", async () => {
  for (const name of ["concat:a.mp4|b.mp4", "data:video/mp4;base64,AAAA", "pipe:0"]) {
    await expect(open(name)).rejects.toMatchObject({ code: "source_not_found" });
  }
});
