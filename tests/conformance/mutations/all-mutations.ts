import { codecMutations } from "./codec-mutations.ts";
import { boxOrderMutations, fileMutations } from "./file-mutations.ts";
import { headerMutations } from "./header-mutations.ts";
import { hlsMutations } from "./hls-mutations.ts";
import { iFrameMutations, textMutations } from "./i-frame-and-text-mutations.ts";
import { mpdMutations } from "./mpd-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { segmentMutations } from "./segment-mutations.ts";
import { thumbnailMutations } from "./thumbnail-mutations.ts";

/** Every seeded defect, by the place it is in; those in segment bytes are headers, segments and codecs. */
export const mutations: readonly {
  readonly place: string;
  readonly inBytes: boolean;
  readonly all: readonly Mutation[];
}[] = [
  { place: "the MPD", inBytes: false, all: mpdMutations },
  { place: "the playlists", inBytes: false, all: hlsMutations },
  { place: "the files", inBytes: false, all: fileMutations },
  { place: "the thumbnails", inBytes: false, all: thumbnailMutations },
  { place: "the I-frame playlists", inBytes: false, all: iFrameMutations },
  { place: "the text tracks", inBytes: false, all: textMutations },
  { place: "the order of boxes", inBytes: true, all: boxOrderMutations },
  { place: "the headers", inBytes: true, all: headerMutations },
  { place: "the segments", inBytes: true, all: segmentMutations },
  { place: "pictures and sound", inBytes: true, all: codecMutations },
];
