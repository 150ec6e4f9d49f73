/** What of FFmpeg a stranger's file may reach, each with the reason it is here; docs/security.md shows the same tables. */
type Reasons = Readonly<Record<string, string>>;

type AllowedCodec = { readonly decoder: string; readonly why: string };

/**
 * By FFmpeg's demuxer name. None of these opens another file or address: playlists and lists (hls,
 * dash, concat, sdp), image sequences, devices and scripts stay unreachable, whatever a file claims
 * to be.
 */
export const ALLOWED_DEMUXERS = {
  mov: "MP4, MOV, M4V, M4A, 3GP: phones, cameras, editors",
  matroska: "MKV and WebM: browsers, screen recorders, archives",
  avi: "AVI: old cameras and archives",
  mpegts: "MPEG-TS, M2TS: television, camcorders, stream recordings",
  mpeg: "MPEG-PS, VOB: discs, old cameras",
  flv: "FLV: stream recordings, old web video",
  asf: "ASF, WMV: Windows recordings",
  ogg: "OGG, OGV: free archives",
  mxf: "MXF: professional cameras and editors",
  dv: "raw DV: tapes",
  gif: "animated GIF",
  apng: "animated PNG",
  webp_anim: "animated WebP",
  wav: "WAV: sound alone",
  w64: "Wave64: long sound recordings",
  mp3: "MP3: sound alone",
  aac: "ADTS AAC: sound alone",
  flac: "FLAC: sound alone",
  aiff: "AIFF: sound alone",
  caf: "CAF: sound from Apple's recorders",
  amr: "AMR: sound from phones",
} as const satisfies Reasons;

/**
 * By FFmpeg's codec name. Decoders that no camera, phone, recorder or archive needs are left out:
 * each one is a parser of strangers' bytes, and MagicYUV's (CVE-2026-8461) was one of them.
 */
export const ALLOWED_VIDEO_CODECS = {
  h264: { decoder: "h264", why: "phones, cameras, recorders" },
  hevc: { decoder: "hevc", why: "phones, cameras" },
  vp8: { decoder: "vp8", why: "browsers, old WebM" },
  vp9: { decoder: "vp9", why: "browsers, WebM" },
  av1: { decoder: "libdav1d", why: "screen recorders, downloads" },
  mpeg4: { decoder: "mpeg4", why: "old phones and cameras, DivX, Xvid" },
  msmpeg4v2: { decoder: "msmpeg4v2", why: "old AVI and ASF" },
  msmpeg4v3: { decoder: "msmpeg4", why: "DivX 3 in old AVI" },
  mpeg2video: { decoder: "mpeg2video", why: "discs, television, camcorders" },
  mpeg1video: { decoder: "mpeg1video", why: "video CDs, old cameras" },
  prores: { decoder: "prores", why: "editors, phones" },
  dnxhd: { decoder: "dnxhd", why: "editors" },
  dvvideo: { decoder: "dvvideo", why: "tapes" },
  mjpeg: { decoder: "mjpeg", why: "photo cameras, webcams" },
  h263: { decoder: "h263", why: "3GP of old phones" },
  flv1: { decoder: "flv", why: "old Flash video" },
  vp6f: { decoder: "vp6f", why: "old Flash video" },
  vc1: { decoder: "vc1", why: "Windows recordings, discs" },
  wmv3: { decoder: "wmv3", why: "WMV 9" },
  wmv2: { decoder: "wmv2", why: "WMV 8" },
  wmv1: { decoder: "wmv1", why: "WMV 7" },
  theora: { decoder: "theora", why: "free archives" },
  ffv1: { decoder: "ffv1", why: "lossless archives" },
  rawvideo: { decoder: "rawvideo", why: "uncompressed captures" },
  png: { decoder: "png", why: "lossless frames in MOV" },
  gif: { decoder: "gif", why: "animated GIF" },
  apng: { decoder: "apng", why: "animated PNG" },
  webp_anim: { decoder: "webp_anim", why: "animated WebP" },
} as const satisfies Readonly<Record<string, AllowedCodec>>;

const linearPcm = (name: string): AllowedCodec => ({ decoder: name, why: "uncompressed sound" });

/** By FFmpeg's codec name. */
export const ALLOWED_AUDIO_CODECS = {
  aac: { decoder: "aac", why: "nearly everything recent" },
  aac_latm: { decoder: "aac_latm", why: "television" },
  mp3: { decoder: "mp3float", why: "AVI, FLV, sound alone" },
  mp2: { decoder: "mp2float", why: "MPEG-TS and MPEG-PS" },
  ac3: { decoder: "ac3", why: "discs, television, camcorders" },
  eac3: { decoder: "eac3", why: "television, downloads" },
  dts: { decoder: "dca", why: "discs" },
  opus: { decoder: "opus", why: "browsers, WebM" },
  vorbis: { decoder: "vorbis", why: "WebM, OGG" },
  flac: { decoder: "flac", why: "lossless archives" },
  alac: { decoder: "alac", why: "Apple's lossless" },
  amr_nb: { decoder: "amrnb", why: "3GP of old phones" },
  amr_wb: { decoder: "amrwb", why: "3GP of old phones" },
  wmav1: { decoder: "wmav1", why: "old WMV" },
  wmav2: { decoder: "wmav2", why: "WMV" },
  adpcm_ms: { decoder: "adpcm_ms", why: "old AVI" },
  adpcm_ima_wav: { decoder: "adpcm_ima_wav", why: "old cameras" },
  adpcm_ima_qt: { decoder: "adpcm_ima_qt", why: "old MOV" },
  pcm_s16le: linearPcm("pcm_s16le"),
  pcm_s16be: linearPcm("pcm_s16be"),
  pcm_s24le: linearPcm("pcm_s24le"),
  pcm_s24be: linearPcm("pcm_s24be"),
  pcm_s32le: linearPcm("pcm_s32le"),
  pcm_s32be: linearPcm("pcm_s32be"),
  pcm_f32le: linearPcm("pcm_f32le"),
  pcm_f32be: linearPcm("pcm_f32be"),
  pcm_f64le: linearPcm("pcm_f64le"),
  pcm_u8: linearPcm("pcm_u8"),
  pcm_s8: linearPcm("pcm_s8"),
  pcm_alaw: { decoder: "pcm_alaw", why: "telephone sound" },
  pcm_mulaw: { decoder: "pcm_mulaw", why: "telephone sound" },
  pcm_bluray: { decoder: "pcm_bluray", why: "M2TS of discs" },
  pcm_dvd: { decoder: "pcm_dvd", why: "VOB of discs" },
} as const satisfies Readonly<Record<string, AllowedCodec>>;

/** A local file is opened by libavformat itself; anything else comes through our own reads, which need no protocol. */
export const ALLOWED_PROTOCOLS = {
  file: "the source itself, by its path",
} as const satisfies Reasons;

/** Most streams of a source. */
export const MAX_STREAMS = 64;

/** libavformat stops reading a header at this many: enough to tell "too many" from "damaged", too few to fill the memory. */
const MAX_STREAMS_READ = 256;

/** Most pixels of one picture: a little over 8K (7680x4320), about 100 MB at 10 bits in 4:2:0. */
export const MAX_PIXELS = 8192 * 4352;

const ALL_CODECS: Readonly<Record<string, AllowedCodec>> = {
  ...ALLOWED_VIDEO_CODECS,
  ...ALLOWED_AUDIO_CODECS,
};

/** Decoder for a codec, or null when it may not be used. */
export const allowedDecoder = (codec: string): string | null =>
  Object.hasOwn(ALL_CODECS, codec) ? (ALL_CODECS[codec]?.decoder ?? null) : null;

/** Options of `avformat_open_input` that enforce the lists inside libavformat, its own probing included. */
export const inputOptions = (): Record<string, string> => ({
  format_whitelist: Object.keys(ALLOWED_DEMUXERS).join(","),
  codec_whitelist: Object.values(ALL_CODECS)
    .map(({ decoder }) => decoder)
    .join(","),
  protocol_whitelist: Object.keys(ALLOWED_PROTOCOLS).join(","),
  max_streams: String(MAX_STREAMS_READ),
  // MOV files can name other files to take their samples from; never.
  enable_drefs: "0",
  use_absolute_path: "0",
});
