import type { RuleId } from "../checker/rule-clauses.ts";
import type { Draft } from "./draft.ts";

/** One seeded defect and the rule that has to find it. */
export type Mutation = {
  readonly name: string;
  readonly rule: RuleId;
  readonly damage: (draft: Draft) => void;
};

/** Files of the presentation that is damaged: two rungs of three segments, English and German sound. */
export const files = {
  mpd: "manifest.mpd",
  master: "master.m3u8",
  low: {
    header: "v/360/init.mp4",
    playlist: "v/360/playlist.m3u8",
    segment: (n: number) => `v/360/${n}.m4s`,
  },
  high: {
    header: "v/720/init.mp4",
    playlist: "v/720/playlist.m3u8",
    segment: (n: number) => `v/720/${n}.m4s`,
  },
  english: {
    header: "a/eng/init.mp4",
    playlist: "a/eng/playlist.m3u8",
    segment: (n: number) => `a/eng/${n}.m4s`,
  },
  german: {
    header: "a/ger/init.mp4",
    playlist: "a/ger/playlist.m3u8",
    segment: (n: number) => `a/ger/${n}.m4s`,
  },
} as const;
