import { sustainedBandwidth } from "./bandwidth.ts";
import { type Role, role } from "./mpd-role.ts";
import { baseUrl, segmentTemplate } from "./mpd-segments.ts";
import type { AudioTrack, SoundPurpose } from "./presentation.ts";
import { element, textElement } from "./xml.ts";

/** The AdaptationSet of one track of sound (ISO/IEC 23009-1 §5.3.3). */
export const audioSet =
  (track: AudioTrack, part: "main" | "alternate", minBufferSeconds: number) =>
  (id: number): string =>
    element(
      "AdaptationSet",
      {
        id,
        contentType: "audio",
        mimeType: "audio/mp4",
        lang: track.language,
        segmentAlignment: "true",
        startWithSAP: 1,
      },
      [
        ...(track.label === undefined ? [] : [textElement("Label", track.label)]),
        ...accessibility(track),
        role(track.purpose === undefined ? part : ROLES[track.purpose]),
        segmentTemplate(track),
        element(
          "Representation",
          {
            id: track.id,
            codecs: track.codecs,
            audioSamplingRate: track.sampleRate,
            bandwidth: sustainedBandwidth(track, minBufferSeconds),
          },
          [
            element("AudioChannelConfiguration", {
              schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
              value: channelConfiguration(track.channels),
            }),
            baseUrl(track),
          ],
        ),
      ],
    );

/** Values of the DASH role scheme (§5.8.5.5, table 34). */
const ROLES = {
  commentary: "commentary",
  description: "description",
  "clear-speech": "enhanced-audio-intelligibility",
} as const satisfies Readonly<Record<SoundPurpose, Role>>;

/** Purposes of ETSI TS 102 822-3-1, AudioPurposeCS: 1 for the visually impaired, 2 for the hard of hearing. */
const accessibility = ({ purpose }: AudioTrack): string[] => {
  if (purpose === undefined || purpose === "commentary") return [];
  const value = purpose === "description" ? 1 : 2;
  const schemeIdUri = "urn:tva:metadata:cs:AudioPurposeCS:2007";
  return [element("Accessibility", { schemeIdUri, value })];
};

/**
 * Channel configuration index of ISO/IEC 23003-3 table 68: the number of channels up to 5.1, then
 * 6.1 and 7.1 with the extra pair behind the listener.
 */
const channelConfiguration = (channels: number): number => ({ 7: 11, 8: 12 })[channels] ?? channels;
