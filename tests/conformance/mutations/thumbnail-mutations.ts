import { files, type Mutation } from "./mutation.ts";

const index = "t/thumbnails.vtt";
const sheet = "t/1.jpg";

/** Defects of thumbnails. */
export const thumbnailMutations: readonly Mutation[] = [
  {
    name: "tiles that do not divide the sheet",
    rule: "thumbnail-sheets",
    damage: (draft) =>
      draft.text(files.mpd, /(thumbnail_tile" value=")\d+x/, (_, before) => `${before}7x`),
  },
  {
    name: "a sheet of another size",
    rule: "thumbnail-sheets",
    damage: (draft) => draft.put(sheet, draft.bytes("poster.jpg")),
  },
  {
    name: "a sheet that ends in the middle",
    rule: "thumbnail-sheets",
    damage: (draft) => draft.put(sheet, draft.bytes(sheet).subarray(0, 2000)),
  },
  {
    name: "sheets that last twice as long",
    rule: "thumbnail-sheets",
    damage: (draft) =>
      draft.text(
        files.mpd,
        / duration="(\d+)" media="\$Number\$\.jpg"/,
        (_, ticks) => ` duration="${Number(ticks) / 3}" media="$Number$.jpg"`,
      ),
  },
  {
    name: "thumbnails of another bandwidth",
    rule: "thumbnail-sheets",
    damage: (draft) =>
      draft.text(
        files.mpd,
        /(id="thumbnails"[^>]* bandwidth=")(\d+)/,
        (_, before, rate) => `${before}${Number(rate) * 2}`,
      ),
  },
  { name: "no index", rule: "thumbnail-index", damage: (draft) => draft.remove(index) },
  {
    name: "a cue that is left out",
    rule: "thumbnail-index",
    damage: (draft) => draft.text(index, /[^\n]*-->[^\n]*\n1\.jpg#xywh=192,0[^\n]*\n\n/, ""),
  },
  {
    name: "a tile outside its sheet",
    rule: "thumbnail-index",
    damage: (draft) => draft.text(index, "xywh=192,0", "xywh=192,1080"),
  },
  {
    name: "a sheet that is not there",
    rule: "thumbnail-index",
    damage: (draft) => draft.text(index, "1.jpg#", "9.jpg#"),
  },
  {
    name: "an index that is no WebVTT",
    rule: "thumbnail-index",
    damage: (draft) => draft.text(index, "WEBVTT", "WEBVTX"),
  },
];
