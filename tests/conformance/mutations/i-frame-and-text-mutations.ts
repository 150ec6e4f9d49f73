import { files, type Mutation } from "./mutation.ts";

const { master, mpd } = files;
const iFrames = "v/360/iframes.m3u8";
const text = "s/en/text.vtt";
const textPlaylist = "s/en/playlist.m3u8";

/** Defects of I-frame playlists. */
export const iFrameMutations: readonly Mutation[] = [
  {
    name: "a rung without I frames",
    rule: "hls-i-frames",
    damage: (draft) => draft.text(master, /#EXT-X-I-FRAME-STREAM-INF[^\n]*\n/, ""),
  },
  {
    name: "I frames are not said to be alone",
    rule: "hls-i-frames",
    damage: (draft) => draft.text(iFrames, "#EXT-X-I-FRAMES-ONLY\n", ""),
  },
  {
    name: "a range one byte short",
    rule: "hls-i-frames",
    damage: (draft) =>
      draft.text(iFrames, /BYTERANGE:(\d+)/, (_, length) => `BYTERANGE:${Number(length) - 1}`),
  },
  {
    name: "a range that begins in the middle",
    rule: "hls-i-frames",
    damage: (draft) => draft.text(iFrames, /@0/, "@8"),
  },
  {
    name: "a picture that is left out",
    rule: "hls-i-frames",
    damage: (draft) => draft.text(iFrames, /#EXTINF:[^\n]*\n[^\n]*\n2\.m4s\n/, ""),
  },
  {
    name: "pictures of another bandwidth",
    rule: "hls-i-frames",
    damage: (draft) =>
      draft.text(
        master,
        /(I-FRAME-STREAM-INF:BANDWIDTH=)(\d+)/,
        (_, before, rate) => `${before}${Math.round(Number(rate) * 0.97)}`,
      ),
  },
  {
    name: "I frames of another rung's header",
    rule: "hls-i-frames",
    damage: (draft) => draft.text(iFrames, 'URI="init.mp4"', 'URI="../720/init.mp4"'),
  },
];

/** Defects of text tracks. */
export const textMutations: readonly Mutation[] = [
  {
    name: "a file that is no WebVTT",
    rule: "text-file",
    damage: (draft) => draft.text(text, "WEBVTT", "SUBRIP"),
  },
  {
    name: "a cue that ends before it begins",
    rule: "text-file",
    damage: (draft) => draft.text(text, /--> (.*)02\.\d{3}/, (_, hours) => `--> ${hours}00.500`),
  },
  {
    name: "a cue with a comma in its time",
    rule: "text-file",
    damage: (draft) => draft.text(text, /05\.(\d{3}) -->/, (_, digits) => `05,${digits} -->`),
  },
  {
    name: "a cue behind the end",
    rule: "text-file",
    damage: (draft) =>
      draft.text(
        text,
        /\d\d:05\.\d{3} --> (.*)\d\d:07\.\d{3}/,
        (_, hours) => `10:05.000 --> ${hours}10:07.500`,
      ),
  },
  {
    name: "text in DASH alone",
    rule: "text-both",
    damage: (draft) => draft.text(master, /#EXT-X-MEDIA:TYPE=SUBTITLES[^\n]*\n/, ""),
  },
  {
    name: "text in another language than DASH",
    rule: "text-both",
    damage: (draft) =>
      draft.text(master, /(TYPE=SUBTITLES[^\n]*LANGUAGE=")en/, (_, before) => `${before}fr`),
  },
  {
    name: "forced in HLS alone",
    rule: "text-both",
    damage: (draft) => draft.text(master, "FORCED=NO", "FORCED=YES"),
  },
  {
    name: "text without a role",
    rule: "text-both",
    damage: (draft) => draft.text(mpd, 'value="subtitle"', 'value="commentary"'),
  },
  {
    name: "a playlist of half the length",
    rule: "text-both",
    damage: (draft) => draft.text(textPlaylist, /#EXTINF:[\d.]+/, "#EXTINF:4.500000"),
  },
  { name: "text that nobody wrote", rule: "file-missing", damage: (draft) => draft.remove(text) },
];
