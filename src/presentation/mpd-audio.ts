import { sustainedBandwidth } from "./bandwidth.ts";
import { role } from "./mpd-role.ts";
import { baseUrl, segmentTemplate } from "./mpd-segments.ts";
import type { AudioTrack } from "./presentation.ts";
import { element } from "./xml.ts";

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
        role(part),
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

/**
 * Channel configuration index of ISO/IEC 23003-3 table 68: the number of channels up to 5.1, then
 * 6.1 and 7.1 with the extra pair behind the listener.
 */
const channelConfiguration = (channels: number): number => ({ 7: 11, 8: 12 })[channels] ?? channels;
