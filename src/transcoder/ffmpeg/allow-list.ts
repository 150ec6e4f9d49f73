/**
 * What of FFmpeg a stranger's file may reach. Everything else stays unreachable, whatever the file
 * claims to be: demuxers that open other files (concat, hls, dash, image2), and decoders that no
 * camera, phone or editor needs, such as MagicYUV (CVE-2026-8461).
 */
export const ALLOWED_DEMUXERS = [
  "mov",
  "mp4",
  "matroska",
  "webm",
  "avi",
  "mpegts",
  "mpeg",
  "flv",
  "ogg",
  // Sound alone.
  "mp3",
  "wav",
  "flac",
  "aac",
] as const;

/** By FFmpeg's codec name, in the order of preference where a codec has several decoders. */
export const ALLOWED_VIDEO_DECODERS = {
  h264: "h264",
  hevc: "hevc",
  vp8: "vp8",
  vp9: "vp9",
  av1: "libdav1d",
  mpeg4: "mpeg4",
  mpeg2video: "mpeg2video",
  mpeg1video: "mpeg1video",
  prores: "prores",
  mjpeg: "mjpeg",
  h263: "h263",
  flv1: "flv",
  theora: "theora",
  dvvideo: "dvvideo",
  dnxhd: "dnxhd",
} as const;

export const ALLOWED_AUDIO_DECODERS = {
  aac: "aac",
  mp3: "mp3float",
  mp2: "mp2float",
  ac3: "ac3",
  eac3: "eac3",
  opus: "opus",
  vorbis: "vorbis",
  flac: "flac",
  alac: "alac",
  pcm_s16le: "pcm_s16le",
  pcm_s16be: "pcm_s16be",
  pcm_s24le: "pcm_s24le",
  pcm_s24be: "pcm_s24be",
  pcm_s32le: "pcm_s32le",
  pcm_f32le: "pcm_f32le",
  pcm_u8: "pcm_u8",
  pcm_alaw: "pcm_alaw",
  pcm_mulaw: "pcm_mulaw",
} as const;

/** Decoder for a codec, or null when it may not be used. */
export const allowedDecoder = (codec: string): string | null => {
  const all: Readonly<Record<string, string>> = {
    ...ALLOWED_VIDEO_DECODERS,
    ...ALLOWED_AUDIO_DECODERS,
  };
  return Object.hasOwn(all, codec) ? (all[codec] ?? null) : null;
};

/** Options of `avformat_open_input` that enforce the lists inside libavformat, its own probing included. */
export const inputOptions = (): Record<string, string> => ({
  format_whitelist: ALLOWED_DEMUXERS.join(","),
  codec_whitelist: [
    ...Object.values(ALLOWED_VIDEO_DECODERS),
    ...Object.values(ALLOWED_AUDIO_DECODERS),
  ].join(","),
  protocol_whitelist: "file",
  // A file with more streams than this is refused by libavformat before they are allocated.
  max_streams: "64",
});
