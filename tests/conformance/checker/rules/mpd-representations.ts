import { channelsOf } from "../aac/audio-config.ts";
import { codecOf } from "../codec-string.ts";
import type { Findings } from "../finding.ts";
import { languageOf } from "../language.ts";
import { descriptor } from "../mpd/xml.ts";
import { mpdFile, type Presentation, type Track } from "../presentation.ts";
import { usualDuration } from "../track-timing.ts";

const CHANNEL_SCHEMES = [
  "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
  "urn:mpeg:mpegB:cicp:ChannelConfiguration",
];

/** Rules about what the MPD says of each representation against its header. */
export const checkMpdRepresentations = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    const { representation } = track;
    if (representation === null) continue;
    checkKind(track, findings);
    const codec = codecOf(track.header.entry);
    const codecs = representation.attributes.codecs?.toLowerCase();
    findings.same(codecs, codec, "mpd-codecs", mpdFile, `codecs of ${representation.id}`);
    if (track.kind === "video") checkPicture(track, findings);
    if (track.kind === "audio") checkSound(track, findings);
    checkLanguage(track, findings);
  }
};

const checkKind = ({ kind, representation, set }: Track, findings: Findings): void => {
  const { mimeType, contentType } = representation?.attributes ?? {};
  const id = representation?.id;
  findings.same(mimeType, `${kind}/mp4`, "mpd-content-type", mpdFile, `mimeType of ${id}`);
  findings.same(
    contentType ?? set?.contentType,
    kind,
    "mpd-content-type",
    mpdFile,
    `contentType of ${id}`,
  );
};

const checkPicture = (track: Track, findings: Findings): void => {
  const { representation, set, header } = track;
  const attributes = representation?.attributes ?? {};
  const id = representation?.id;
  const rule = "mpd-picture-size";
  const { width, height } = header.entry.visual ?? { width: 0, height: 0 };
  findings.same(Number(attributes.width), width, rule, mpdFile, `width of ${id}`);
  findings.same(Number(attributes.height), height, rule, mpdFile, `height of ${id}`);
  const representations = set?.representations ?? [];
  const largest = (name: "width" | "height"): number =>
    Math.max(...representations.map((each) => Number(each.attributes[name])));
  const { maxWidth, maxHeight } = attributes;
  findings.same(Number(maxWidth), largest("width"), rule, mpdFile, "maxWidth");
  findings.same(Number(maxHeight), largest("height"), rule, mpdFile, "maxHeight");
  const [across = 0, down = 0] = header.entry.pixelAspect ?? [1, 1];
  const [sarX, sarY] = (attributes.sar ?? "1:1").split(":").map(Number);
  findings.require(
    (sarX ?? 0) * down === (sarY ?? 0) * across && across > 0,
    rule,
    mpdFile,
    `sar of ${id} is ${attributes.sar}, the header has ${across}:${down}.`,
  );
  checkAspect(attributes.par, (width * across) / (height * down), height, id, findings);
  checkFrameRate(track, findings);
};

/** `par` is written in whole numbers and the rungs are rounded to even sizes: two lines may be amiss. */
const checkAspect = (
  par: string | undefined,
  real: number,
  height: number,
  id: string | undefined,
  findings: Findings,
): void => {
  const [x, y] = (par ?? "").split(":").map(Number);
  const declared = (x ?? Number.NaN) / (y ?? Number.NaN);
  const isNear = Math.abs(declared / real - 1) <= 2 / height;
  findings.require(isNear, "mpd-picture-size", mpdFile, `par is ${par}, but ${id} has ${real}.`);
};

/** Pictures per second may be rounded to three digits. */
const RATE_TOLERANCE = 0.001;

const rateOf = (text: string | undefined): number => {
  const [numerator, denominator] = (text ?? "").split("/").map(Number);
  return (numerator ?? Number.NaN) / (denominator ?? 1);
};

const checkFrameRate = (track: Track, findings: Findings): void => {
  const { frameRate, maxFrameRate } = track.representation?.attributes ?? {};
  const id = track.representation?.id;
  const ticks = usualDuration(track);
  const real = ticks === 0 ? 0 : track.header.media.timescale / ticks;
  const isRight = Math.abs(rateOf(frameRate) - real) <= RATE_TOLERANCE;
  findings.require(
    isRight,
    "mpd-frame-rate",
    mpdFile,
    `frameRate of ${id} is ${frameRate}, not ${real}.`,
  );
  const rates = (track.set?.representations ?? []).map((each) => rateOf(each.attributes.frameRate));
  const isLargest = Math.abs(rateOf(maxFrameRate) - Math.max(...rates)) <= RATE_TOLERANCE;
  findings.require(isLargest, "mpd-frame-rate", mpdFile, `maxFrameRate is ${maxFrameRate}.`);
};

const checkSound = ({ representation, header }: Track, findings: Findings): void => {
  const rate = Number(representation?.attributes.audioSamplingRate);
  const id = representation?.id;
  findings.same(
    rate,
    header.entry.aac?.sampleRate,
    "mpd-sound",
    mpdFile,
    `audioSamplingRate of ${id}`,
  );
  const values = CHANNEL_SCHEMES.flatMap((scheme) =>
    (representation?.elements ?? []).map((element) =>
      descriptor(element, "AudioChannelConfiguration", scheme),
    ),
  ).filter((value) => value !== null);
  const channels = channelsOf(header.entry.aac?.channelConfiguration ?? 0);
  // Up to six channels, the index is their number (ISO/IEC 23003-3 table 68).
  findings.same(
    Number(values[0]),
    channels,
    "mpd-sound",
    mpdFile,
    `AudioChannelConfiguration of ${id}`,
  );
};

const checkLanguage = ({ representation, header, kind }: Track, findings: Findings): void => {
  const { lang } = representation?.attributes ?? {};
  if (kind === "video" && lang === undefined) return;
  const id = representation?.id;
  const spoken = languageOf(lang ?? "");
  findings.require(spoken !== null, "mpd-language", mpdFile, `lang of ${id} is ${lang}.`);
  const inHeader = languageOf(header.media.language);
  findings.same(spoken, inHeader, "mpd-language", mpdFile, `Language of ${id} beside its header`);
};
