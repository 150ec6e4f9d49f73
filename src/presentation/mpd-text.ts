import { textFileName } from "./names.ts";
import type { TextTrack } from "./presentation.ts";
import { element, textElement } from "./xml.ts";

/**
 * The AdaptationSet of a text track (ISO/IEC 23009-1 §5.3.3): one Representation of one WebVTT file,
 * addressed by its BaseURL, as DASH-IF IOP has it for side-loaded text.
 */
export const textSet =
  (track: TextTrack, durationSeconds: number) =>
  (id: number): string =>
    element(
      "AdaptationSet",
      { id, contentType: "text", mimeType: "text/vtt", lang: track.language },
      [
        ...(track.label === null ? [] : [textElement("Label", track.label)]),
        ...rolesOf(track).map((value) =>
          element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value }),
        ),
        element("Representation", { id: track.id, bandwidth: bandwidth(track, durationSeconds) }, [
          textElement("BaseURL", `${encodeURI(track.path)}/${textFileName}`),
        ]),
      ],
    );

/** Values of the DASH role scheme (§5.8.5.5, table 34); `main` marks what players show unasked. */
const rolesOf = ({ kind, isForced, isDefault }: TextTrack): string[] => [
  isForced ? "forced-subtitle" : kind === "captions" ? "caption" : "subtitle",
  ...(isDefault ? ["main"] : []),
];

/** Bits per second over the whole length, at least 1 (an xs:unsignedInt that players divide by). */
const bandwidth = ({ sizeBytes }: TextTrack, durationSeconds: number): number =>
  Math.max(1, Math.ceil((sizeBytes * 8) / Math.max(durationSeconds, 1)));
