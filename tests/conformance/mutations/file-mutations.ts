import { boxesIn } from "../checker/bmff/boxes.ts";
import type { Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";

const { low, high, english } = files;

/** Whole files that are missing, too many or in the wrong place. */
export const fileMutations: readonly Mutation[] = [
  {
    name: "the last segment is missing",
    rule: "file-missing",
    damage: (draft) => draft.remove(high.segment(3)),
  },
  {
    name: "a header is missing",
    rule: "file-missing",
    damage: (draft) => draft.remove(english.header),
  },
  {
    name: "a playlist is missing",
    rule: "file-missing",
    damage: (draft) => draft.remove(low.playlist),
  },
  {
    name: "an empty segment",
    rule: "file-missing",
    damage: (draft) => draft.put(low.segment(2), new Uint8Array()),
  },
  {
    name: "a segment that nobody names",
    rule: "file-unnamed",
    damage: (draft) => draft.put(low.segment(4), draft.bytes(low.segment(3))),
  },
  {
    name: "a scratch file is left",
    rule: "file-unnamed",
    damage: (draft) => draft.put("v/720/2.m4s.part", new Uint8Array(9)),
  },
  {
    name: "headers of two rungs swapped",
    rule: "mpd-picture-size",
    damage: (draft) => draft.swap(low.header, high.header),
  },
  {
    name: "a segment of the higher rung among the lower",
    rule: "mpd-bandwidth",
    damage: (draft) => draft.put(low.segment(2), draft.bytes(high.segment(2))),
  },
  {
    name: "two segments swapped",
    rule: "cmaf-decode-time",
    damage: (draft) => draft.swap(low.segment(1), low.segment(2)),
  },
  {
    name: "sound among the pictures",
    rule: "cmaf-sync-samples",
    damage: (draft) => draft.put(english.segment(1), draft.bytes(low.segment(1))),
  },
  {
    name: "the sound ends a segment early, everywhere",
    rule: "tracks-end-together",
    damage: endSoundEarly,
  },
];

/** Whole boxes too many, too few or in the wrong order. */
export const boxOrderMutations: readonly Mutation[] = [
  {
    name: "a segment cut in the middle",
    rule: "cmaf-boxes",
    damage: (draft) => draft.put(high.segment(1), draft.bytes(high.segment(1)).subarray(0, 9000)),
  },
  {
    name: "bytes behind the last box",
    rule: "cmaf-boxes",
    damage: (draft) => append(draft, english.segment(2), new Uint8Array([1, 2, 3])),
  },
  {
    name: "a header in the middle of a segment",
    rule: "cmaf-boxes",
    damage: (draft) => append(draft, low.segment(3), draft.bytes(low.header)),
  },
  { name: "the movie box first", rule: "cmaf-boxes", damage: movieFirst },
  {
    name: "a segment twice in one file",
    rule: "cmaf-sequence",
    damage: (draft) => append(draft, english.segment(1), draft.bytes(english.segment(1))),
  },
];

const append = (draft: Draft, file: string, bytes: Uint8Array): void =>
  draft.put(file, Buffer.concat([draft.bytes(file), bytes]));

function movieFirst(draft: Draft): void {
  const bytes = draft.bytes(low.header);
  const parts = boxesIn(bytes).map(({ start, size }) => bytes.subarray(start, start + size));
  draft.put(low.header, Buffer.concat(parts.reverse()));
}

/** Both languages, so that the manifests, the files and the tracks agree with each other in all else. */
function endSoundEarly(draft: Draft): void {
  for (const track of [english, files.german]) {
    draft.remove(track.segment(3));
    draft.text(track.playlist, /#EXTINF:[^\n]*\n3\.m4s\n/, "");
  }
  let set = 0;
  draft.text(files.mpd, /<S d="\d+"\/>(?=\s*<\/SegmentTimeline>)/g, (found) => {
    set += 1;
    return set === 1 ? found : "";
  });
}
