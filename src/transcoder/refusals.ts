import type { ErrorCode } from "../errors.ts";

export type Refusal = {
  readonly code: ErrorCode;
  /** What in a file leads to it; docs/sources.md shows the same words. */
  readonly when: string;
};

/**
 * Everything for which a source may be refused. What is not listed here is converted, as far as
 * anything in it can be used; a fixture that is refused for another reason fails its test.
 */
export const REFUSALS: readonly Refusal[] = [
  { code: "source_empty", when: "The file has no bytes." },
  {
    code: "source_not_media",
    when: "The bytes are no container: a text, an archive, a playlist.",
  },
  {
    code: "source_unsupported_container",
    when: "A container that is not listed above, or a single picture; the sentence names it.",
  },
  {
    code: "source_truncated",
    when: "An MP4 or MOV whose index is missing, because the upload or the recording broke off.",
  },
  { code: "source_no_streams", when: "There is neither a picture nor a sound in it." },
  {
    code: "source_unsupported_codec",
    when: "No video in it, or, without video, no sound, is in a codec that is listed; the sentence names it.",
  },
  {
    code: "source_bad_dimensions",
    when: "A side below 16 or above 8192 pixels, or more than 8192x4352 pixels in all.",
  },
  {
    code: "source_unsupported_colour",
    when: "Dolby Vision without a base layer of its own (profile 5): its colours need Dolby's own reshaping.",
  },
  { code: "source_too_long", when: "Longer than the server accepts, 12 hours by default." },
  { code: "source_too_many_streams", when: "More than 64 streams." },
  {
    code: "source_undecodable",
    when: "Not one picture (or, without pictures, not one sound) could be decoded.",
  },
];
