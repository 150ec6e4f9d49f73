import type { Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";

const { master, low, high, english } = files;

const edit =
  (file: string, from: string | RegExp, to: string | ((...found: string[]) => string)) =>
  (draft: Draft): void =>
    draft.text(file, from, to);

const scaled =
  (factor: number) =>
  (_: string, before = "", number = ""): string =>
    `${before}${Math.round(Number(number) * factor)}`;

const PEAK = /(STREAM-INF:BANDWIDTH=)(\d+)/;
const AVERAGE = /(AVERAGE-BANDWIDTH=)(\d+)/;

/** Defects of the playlists. */
export const hlsMutations: readonly Mutation[] = [
  { name: "no first line", rule: "hls-syntax", damage: edit(low.playlist, "#EXTM3U\n", "") },
  {
    name: "an attribute stands twice",
    rule: "hls-syntax",
    damage: edit(master, ",CODECS=", ",FRAME-RATE=10.000,CODECS="),
  },
  {
    name: "an address without EXTINF",
    rule: "hls-syntax",
    damage: edit(high.playlist, /#EXTINF:[^\n]*\n/, ""),
  },
  {
    name: "a tag of another kind of playlist",
    rule: "hls-syntax",
    damage: edit(master, "#EXT-X-STREAM-INF", "#EXT-X-TARGETDURATION:4\n#EXT-X-STREAM-INF"),
  },
  {
    name: "version 3",
    rule: "hls-version",
    damage: edit(low.playlist, /VERSION:\d+/, "VERSION:3"),
  },
  {
    name: "independent segments are not said",
    rule: "hls-independent-segments",
    damage: edit(master, "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
  },
  {
    name: "the target is shorter than a segment",
    rule: "hls-target-duration",
    damage: (draft) => {
      for (const { playlist } of [low, high, english, files.german])
        draft.text(playlist, /TARGETDURATION:\d+/, "TARGETDURATION:3");
    },
  },
  {
    name: "one target is another",
    rule: "hls-target-duration",
    damage: edit(english.playlist, /TARGETDURATION:\d+/, "TARGETDURATION:5"),
  },
  {
    name: "no target",
    rule: "hls-target-duration",
    damage: edit(high.playlist, /#EXT-X-TARGETDURATION:\d+\n/, ""),
  },
  {
    name: "a segment is said to last a tenth longer",
    rule: "hls-extinf",
    damage: edit(low.playlist, "#EXTINF:4.000000", "#EXTINF:4.100000"),
  },
  {
    name: "every segment is said to last 0.4 ms longer",
    rule: "hls-extinf",
    damage: edit(low.playlist, /#EXTINF:(\d+)\.000/g, (_, s) => `#EXTINF:${s}.0004`),
  },
  { name: "no end", rule: "hls-end", damage: edit(high.playlist, "#EXT-X-ENDLIST\n", "") },
  {
    name: "a playlist that may grow",
    rule: "hls-end",
    damage: edit(low.playlist, "PLAYLIST-TYPE:VOD", "PLAYLIST-TYPE:EVENT"),
  },
  {
    name: "one sequence begins elsewhere",
    rule: "hls-sequence",
    damage: edit(english.playlist, "MEDIA-SEQUENCE:1", "MEDIA-SEQUENCE:0"),
  },
  {
    name: "a discontinuity",
    rule: "hls-sequence",
    damage: edit(low.playlist, "\n2.m4s", "\n#EXT-X-DISCONTINUITY\n2.m4s"),
  },
  { name: "no header", rule: "hls-map", damage: edit(low.playlist, /#EXT-X-MAP[^\n]*\n/, "") },
  {
    name: "another header from the second segment on",
    rule: "hls-map",
    damage: edit(low.playlist, /(1\.m4s\n)/, '1.m4s\n#EXT-X-MAP:URI="../720/init.mp4"\n'),
  },
  {
    name: "the header of another rung",
    rule: "both-same-media",
    damage: edit(low.playlist, 'URI="init.mp4"', 'URI="../720/init.mp4"'),
  },
  { name: "no sound in codecs", rule: "hls-codecs", damage: edit(master, ",mp4a.40.2", "") },
  {
    name: "another level in codecs",
    rule: "hls-codecs",
    damage: edit(master, /avc1\.64..../, "avc1.640033"),
  },
  {
    name: "another resolution",
    rule: "hls-resolution",
    damage: edit(master, "RESOLUTION=640x360", "RESOLUTION=640x368"),
  },
  {
    name: "two variants point at each other's playlist",
    rule: "hls-resolution",
    damage: edit(master, /^v\/(360|720)/gm, (_, height) => `v/${height === "360" ? "720" : "360"}`),
  },
  {
    name: "another frame rate",
    rule: "hls-frame-rate",
    damage: edit(master, "FRAME-RATE=10.000", "FRAME-RATE=9.990"),
  },
  {
    name: "bandwidth one per cent too small",
    rule: "hls-bandwidth",
    damage: edit(master, PEAK, scaled(0.99)),
  },
  {
    name: "bandwidth five per cent too large",
    rule: "hls-bandwidth",
    damage: edit(master, PEAK, scaled(1.05)),
  },
  {
    name: "average bandwidth two per cent too large",
    rule: "hls-average-bandwidth",
    damage: edit(master, AVERAGE, scaled(1.02)),
  },
  {
    name: "no average bandwidth",
    rule: "hls-average-bandwidth",
    damage: edit(master, /AVERAGE-BANDWIDTH=\d+,/, ""),
  },
  {
    name: "a group that is not there",
    rule: "hls-groups",
    damage: edit(master, 'AUDIO="audio"', 'AUDIO="sound"'),
  },
  { name: "two defaults", rule: "hls-groups", damage: edit(master, "DEFAULT=NO", "DEFAULT=YES") },
  {
    name: "two renditions of one name",
    rule: "hls-groups",
    damage: edit(master, 'NAME="German"', 'NAME="English"'),
  },
  {
    name: "the default is not chosen by itself",
    rule: "hls-groups",
    damage: edit(master, "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"),
  },
  {
    name: "sound without a language",
    rule: "hls-renditions",
    damage: edit(master, 'LANGUAGE="de",', ""),
  },
  {
    name: "six channels",
    rule: "hls-renditions",
    damage: edit(master, /CHANNELS="\d"/, 'CHANNELS="6"'),
  },
  {
    name: "another language than DASH",
    rule: "both-same-language",
    damage: edit(master, 'LANGUAGE="de"', 'LANGUAGE="fr"'),
  },
  {
    name: "a segment is left out",
    rule: "both-same-media",
    damage: edit(low.playlist, /#EXTINF:[^\n]*\n2\.m4s\n/, ""),
  },
  {
    name: "two segments in the wrong order",
    rule: "both-same-media",
    damage: edit(high.playlist, /[12]\.m4s/g, (name) => (name === "1.m4s" ? "2.m4s" : "1.m4s")),
  },
  {
    name: "a segment that is not there",
    rule: "file-missing",
    damage: edit(low.playlist, "3.m4s\n", "3.m4s\n#EXTINF:1.000000,\n4.m4s\n"),
  },
];
