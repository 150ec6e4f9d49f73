import type { Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";

const { mpd } = files;

const edit =
  (from: string | RegExp, to: string | ((...found: string[]) => string)) =>
  (draft: Draft): void =>
    draft.text(mpd, from, to);

/** Multiplies the number in the second group of a match. */
const scaled =
  (factor: number) =>
  (_: string, before = "", number = "", after = ""): string =>
    `${before}${Math.round(Number(number) * factor)}${after}`;

const LOW_BANDWIDTH = /(id="v360"[^>]* bandwidth=")(\d+)(")/;

/** Defects of the MPD. */
export const mpdMutations: readonly Mutation[] = [
  { name: "an element is not closed", rule: "mpd-xml", damage: edit("</Period>", "") },
  {
    name: "another namespace",
    rule: "mpd-xml",
    damage: edit("schema:mpd:2011", "schema:mpd:2012"),
  },
  { name: "dynamic", rule: "mpd-type", damage: edit('type="static"', 'type="dynamic"') },
  {
    name: "static with an update period",
    rule: "mpd-type",
    damage: edit('type="static"', 'type="static" minimumUpdatePeriod="PT2S"'),
  },
  {
    name: "no known profile",
    rule: "mpd-profiles",
    damage: edit(/profiles="[^"]*"/, 'profiles="urn:mpeg:dash:profile:full:2011"'),
  },
  {
    name: "two representations with one id",
    rule: "mpd-ids",
    damage: edit('id="v720"', 'id="v360"'),
  },
  {
    name: "two sets with one id",
    rule: "mpd-ids",
    damage: edit('AdaptationSet id="1"', 'AdaptationSet id="0"'),
  },
  {
    name: "a period without an id",
    rule: "mpd-ids",
    damage: edit(/<Period id="[^"]*"/, "<Period"),
  },
  {
    name: "the duration is a second too long",
    rule: "mpd-durations",
    damage: edit(
      /(mediaPresentationDuration="PT)([\d.]+)(S)/,
      (_, a, seconds, b) => `${a}${Number(seconds) + 1}${b}`,
    ),
  },
  {
    name: "the duration is a quarter of a second too short",
    rule: "mpd-durations",
    damage: edit(
      /(mediaPresentationDuration="PT)([\d.]+)(S)/,
      (_, a, seconds, b) => `${a}${Number(seconds) - 0.25}${b}`,
    ),
  },
  {
    name: "the longest segment is longer than said",
    rule: "mpd-durations",
    damage: edit(/maxSegmentDuration="[^"]*"/, 'maxSegmentDuration="PT3.9S"'),
  },
  { name: "no buffer time", rule: "mpd-durations", damage: edit(/ minBufferTime="[^"]*"/, "") },
  {
    name: "sound as video",
    rule: "mpd-content-type",
    damage: edit('mimeType="audio/mp4"', 'mimeType="video/mp4"'),
  },
  {
    name: "another level in codecs",
    rule: "mpd-codecs",
    damage: edit(/codecs="avc1\.64..(..)"/, 'codecs="avc1.64000a"'),
  },
  { name: "the codecs of two rungs swapped", rule: "mpd-codecs", damage: swapCodecs },
  { name: "HE-AAC in codecs", rule: "mpd-codecs", damage: edit("mp4a.40.2", "mp4a.40.5") },
  {
    name: "two pixels too wide",
    rule: "mpd-picture-size",
    damage: edit('width="640"', 'width="642"'),
  },
  {
    name: "the greatest height is another",
    rule: "mpd-picture-size",
    damage: edit('maxHeight="720"', 'maxHeight="1080"'),
  },
  {
    name: "another picture aspect",
    rule: "mpd-picture-size",
    damage: edit('par="16:9"', 'par="4:3"'),
  },
  {
    name: "another sample aspect",
    rule: "mpd-picture-size",
    damage: edit('sar="1:1"', 'sar="4:3"'),
  },
  {
    name: "another frame rate",
    rule: "mpd-frame-rate",
    damage: edit(/ frameRate="10"/, ' frameRate="10000/1001"'),
  },
  {
    name: "another greatest frame rate",
    rule: "mpd-frame-rate",
    damage: edit('maxFrameRate="10"', 'maxFrameRate="20"'),
  },
  {
    name: "44.1 kHz",
    rule: "mpd-sound",
    damage: edit('audioSamplingRate="48000"', 'audioSamplingRate="44100"'),
  },
  {
    name: "six channels",
    rule: "mpd-sound",
    damage: edit(/(audio_channel_configuration:2011" value=")(\d)/, (_, a) => `${a}6`),
  },
  { name: "no channels", rule: "mpd-sound", damage: edit(/<AudioChannelConfiguration[^>]*>/, "") },
  { name: "another language", rule: "mpd-language", damage: edit('lang="de"', 'lang="fr"') },
  {
    name: "a language that is no tag",
    rule: "mpd-language",
    damage: edit('lang="de"', 'lang="German!"'),
  },
  { name: "a set without a role", rule: "mpd-role", damage: edit(/<Role [^>]*>/, "") },
  { name: "no main pictures", rule: "mpd-role", damage: edit('value="main"', 'value="alternate"') },
  {
    name: "alignment is not said",
    rule: "mpd-alignment",
    damage: edit(/ segmentAlignment="true"/g, ""),
  },
  {
    name: "access points are not said",
    rule: "mpd-access-points",
    damage: edit(/ startWithSAP="1"/, ""),
  },
  {
    name: "a segment one tick too long",
    rule: "mpd-timeline",
    damage: edit(/ d="(\d+)"/, (_, d) => ` d="${Number(d) + 1}"`),
  },
  {
    name: "the timeline begins later",
    rule: "mpd-timeline",
    damage: edit(/<S t="0"/, '<S t="1000"'),
  },
  {
    name: "a hole in the timeline",
    rule: "mpd-timeline",
    damage: edit(/(<S t="0" d="\d+"\/>\s*<S )d/, (_, a) => `${a}t="300000" d`),
  },
  {
    name: "a time offset that the media do not have",
    rule: "mpd-timeline",
    damage: edit(/startNumber="1"/, 'startNumber="1" presentationTimeOffset="1024"'),
  },
  {
    name: "another timescale",
    rule: "mpd-timescale",
    damage: edit('timescale="48000"', 'timescale="44100"'),
  },
  {
    name: "numbers begin at 0",
    rule: "file-missing",
    damage: edit('startNumber="1"', 'startNumber="0"'),
  },
  {
    name: "one segment more than there are",
    rule: "file-missing",
    damage: edit(/r="(\d+)"/, (_, r) => `r="${Number(r) + 1}"`),
  },
  {
    name: "the last segment is not named",
    rule: "both-same-media",
    damage: edit(/<S d="\d+"\/>(?=\s*<\/SegmentTimeline>)/, ""),
  },
  {
    name: "bandwidth one per cent too small",
    rule: "mpd-bandwidth",
    damage: edit(LOW_BANDWIDTH, scaled(0.99)),
  },
  {
    name: "bandwidth five per cent too large",
    rule: "mpd-bandwidth",
    damage: edit(LOW_BANDWIDTH, scaled(1.05)),
  },
  { name: "two rungs point at each other's folder", rule: "mpd-picture-size", damage: swapFolders },
];

function swapCodecs(draft: Draft): void {
  const codecs = [
    ...new TextDecoder().decode(draft.bytes(mpd)).matchAll(/codecs="(avc1[^"]*)"/g),
  ].map(([, codec]) => codec);
  let index = codecs.length;
  draft.text(mpd, /codecs="avc1[^"]*"/g, () => {
    index -= 1;
    return `codecs="${codecs[index]}"`;
  });
}

function swapFolders(draft: Draft): void {
  draft.text(mpd, /v\/(360|720)\//g, (_, height) => `v/${height === "360" ? "720" : "360"}/`);
}
