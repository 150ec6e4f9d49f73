import { expect, test } from "bun:test";
import { join } from "node:path";
import { path as otherFfmpeg } from "@ffmpeg-installer/ffmpeg";
import { cached } from "../../fixtures/media.ts";
import { beepsIn, decibels, hear, toneLevel } from "./hearing.ts";
import { convert, joinTrack, run, scratch } from "./judge.ts";

/** A hum under three beeps. */
const HUM = { hertz: 440, level: 0.1 } as const;
const BEEP_LEVEL = 0.2;
const signal = `aevalsrc=${HUM.level}*sin(2*PI*${HUM.hertz}*t)+0.3*sin(2*PI*1000*t)*lt(mod(t+0.5\\,1)\\,0.1):d=3`;

/** Sound that comes earlier or later than this is seen to be out of step. */
const SYNC_SECONDS = 0.04;

/** Codecs of sound keep a tone's level within this; encoders of telephone speech take half of a hum away. */
const LEVEL_DB = 1;
const SPEECH_LEVEL_DB = 8;

type CodecCase = { file: string; args: string; rate?: number; ffmpeg?: string; levelDb?: number };

const speech = { ffmpeg: otherFfmpeg, levelDb: SPEECH_LEVEL_DB } as const;

const cases: Readonly<Record<string, CodecCase>> = {
  "AAC in M4A": { file: "aac.m4a", args: "-c:a aac" },
  "AAC in ADTS": { file: "aac.aac", args: "-c:a aac" },
  MP3: { file: "mp3.mp3", args: "-c:a libmp3lame" },
  MP2: { file: "mp2.mkv", args: "-c:a mp2" },
  Opus: { file: "opus.ogg", args: "-c:a libopus" },
  Vorbis: { file: "vorbis.ogg", args: "-c:a libvorbis" },
  FLAC: { file: "flac.flac", args: "-c:a flac" },
  ALAC: { file: "alac.m4a", args: "-c:a alac" },
  "AC-3": { file: "ac3.mkv", args: "-c:a ac3" },
  "E-AC-3": { file: "eac3.mkv", args: "-c:a eac3" },
  DTS: { file: "dts.mkv", args: "-c:a dca -strict -2 -b:a 768k -ac 2 -af volume=3dB" },
  "WMA 1 in ASF": { file: "wma1.wma", args: "-c:a wmav1 -b:a 128k" },
  "WMA 2 in ASF": { file: "wma2.wma", args: "-c:a wmav2 -b:a 128k" },
  "AMR-NB in 3GP": {
    file: "amrnb.3gp",
    args: "-c:a libopencore_amrnb -b:a 12.2k",
    rate: 8000,
    ...speech,
  },
  "AMR-NB by itself": {
    file: "amrnb.amr",
    args: "-c:a libopencore_amrnb -b:a 12.2k",
    rate: 8000,
    ...speech,
  },
  "AMR-WB in 3GP": {
    file: "amrwb.3gp",
    args: "-c:a libvo_amrwbenc -b:a 23.85k",
    rate: 16_000,
    ...speech,
  },
  "PCM, unsigned 8 bits": { file: "u8.wav", args: "-c:a pcm_u8" },
  "PCM, 16 bits": { file: "s16le.wav", args: "-c:a pcm_s16le" },
  "PCM, 24 bits": { file: "s24le.wav", args: "-c:a pcm_s24le" },
  "PCM, 32 bits": { file: "s32le.wav", args: "-c:a pcm_s32le" },
  "PCM, float": { file: "f32le.wav", args: "-c:a pcm_f32le" },
  "PCM, double": { file: "f64le.wav", args: "-c:a pcm_f64le" },
  "PCM, big endian, 8 bits": { file: "s8.mov", args: "-c:a pcm_s8" },
  "PCM, big endian, 16 bits": { file: "s16be.aiff", args: "-c:a pcm_s16be" },
  "PCM, big endian, 24 bits": { file: "s24be.aiff", args: "-c:a pcm_s24be" },
  "PCM, big endian, 32 bits": { file: "s32be.aiff", args: "-c:a pcm_s32be" },
  "PCM, big endian, float": { file: "f32be.mov", args: "-c:a pcm_f32be" },
  "A-law": { file: "alaw.wav", args: "-c:a pcm_alaw", rate: 8000 },
  "mu-law": { file: "mulaw.wav", args: "-c:a pcm_mulaw", rate: 8000 },
  "ADPCM of Microsoft": { file: "adpcm-ms.wav", args: "-c:a adpcm_ms" },
  "ADPCM of IMA": { file: "adpcm-ima.wav", args: "-c:a adpcm_ima_wav" },
  "PCM in CAF": { file: "s16le.caf", args: "-c:a pcm_s16le" },
  "PCM in Wave64": { file: "s16le.w64", args: "-c:a pcm_s16le" },
};

test.each(Object.entries(cases))(
  "%s: the tone has its pitch and level, the beeps their place",
  async (_, { file, args, rate = 48_000, ffmpeg = "/usr/bin/ffmpeg", levelDb = LEVEL_DB }) => {
    const source = await cached(`sound-codec-1-${file}`, async (path) => {
      const input = ["-f", "lavfi", "-i", `${signal}:s=${rate}`];
      await run([ffmpeg, "-v", "error", "-nostdin", "-y", ...input, ...args.split(" "), path]);
    });
    await using folder = await scratch();
    const out = join(folder.path, "out");
    await convert(source, out, { loudnessLufs: null });
    const [made = new Float32Array()] = await hear(
      await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4")),
    );
    const level = toneLevel(made, HUM.hertz, { from: 0.7, seconds: 0.7 });
    expect(Math.abs(decibels(level / HUM.level))).toBeLessThan(levelDb);
    expect(toneLevel(made, HUM.hertz * 1.5, { from: 0.7, seconds: 0.7 })).toBeLessThan(level / 10);
    const [original = new Float32Array()] = await hear(source);
    const originalLevel = toneLevel(original, HUM.hertz, { from: 0.7, seconds: 0.7 });
    expect(Math.abs(decibels(level / originalLevel))).toBeLessThan(LEVEL_DB);
    // Encoders that do not state their delay have moved the beeps already: the judge hears the source, too.
    const beeps = beepsIn(made, BEEP_LEVEL);
    const expected = beepsIn(original, BEEP_LEVEL);
    expect(beeps).toHaveLength(3);
    expect(expected).toHaveLength(3);
    beeps.forEach((seconds, index) => {
      expect(Math.abs(seconds - (expected[index] ?? -1))).toBeLessThan(SYNC_SECONDS);
    });
  },
  60_000,
);
