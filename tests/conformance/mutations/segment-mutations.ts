import { boxesIn } from "../checker/bmff/boxes.ts";
import type { Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";

const { low, high, english } = files;

const tfdt = "moof/traf/tfdt";
const tfhd = "moof/traf/tfhd";
const trun = "moof/traf/trun";

const inBox =
  (file: string, path: string, change: (body: DataView) => void) =>
  (draft: Draft): void =>
    draft.box(file, path, change);

/** Fields of a sample in trun, in the order in which the flags announce them (ISO/IEC 14496-12 §8.8.8). */
const FIELDS = { duration: 0x100, size: 0x200, flags: 0x400, offset: 0x800 } as const;

type Field = keyof typeof FIELDS;

/** Where a field of a sample lies in trun's body; throws when samples have no such field. */
const place = (body: DataView, sample: number, field: Field): number => {
  const flags = body.getUint32(0) & 0xffffff;
  const present = Object.entries(FIELDS).filter(([, bit]) => flags & bit);
  const index = present.findIndex(([name]) => name === field);
  if (index < 0) throw new Error(`Samples have no ${field}.`);
  const start = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  return start + (sample * present.length + index) * 4;
};

const sampleField =
  (file: string, field: Field, sample: number, change: (value: number) => number) =>
  (draft: Draft): void =>
    draft.box(file, trun, (body) => {
      const at = place(body, sample, field);
      body.setUint32(at, change(body.getUint32(at)) >>> 0);
    });

/** `sample_depends_on` others, and no sync sample (§8.8.3.1). */
const NOT_SYNC = 0x01010000;

/** Defects of boxes in media segments. */
export const segmentMutations: readonly Mutation[] = [
  {
    name: "the second fragment a tick late",
    rule: "cmaf-decode-time",
    damage: inBox(low.segment(1), "moof[1]/traf/tfdt", (body) =>
      body.setUint32(8, body.getUint32(8) + 1),
    ),
  },
  {
    name: "the second fragment's data begin a byte off",
    rule: "cmaf-addressing",
    damage: inBox(low.segment(1), "moof[1]/traf/trun", (body) =>
      body.setInt32(8, body.getInt32(8) - 1),
    ),
  },
  {
    name: "the second fragment begins with no sync sample",
    rule: "cmaf-sync-samples",
    damage: firstFlags(high.segment(2), NOT_SYNC, 1),
  },
  {
    name: "the second fragment's number is lower",
    rule: "cmaf-sequence",
    damage: inBox(high.segment(2), "moof[1]/mfhd", (body) => body.setUint32(4, 1)),
  },
  {
    name: "the second fragment's data end early",
    rule: "cmaf-data-size",
    damage: (draft) =>
      draft.boxBytes(high.segment(1), "mdat[1]", (body) => body.subarray(0, body.length - 7)),
  },

  {
    name: "a decode time one tick late",
    rule: "cmaf-decode-time",
    damage: inBox(low.segment(2), tfdt, (body) => body.setUint32(8, body.getUint32(8) + 1)),
  },
  {
    name: "sound begins anew at 0",
    rule: "cmaf-decode-time",
    damage: inBox(english.segment(2), tfdt, (body) => body.setUint32(8, 0)),
  },
  {
    name: "decode times beyond 2^32",
    rule: "cmaf-decode-time",
    damage: inBox(high.segment(3), tfdt, (body) => body.setUint32(4, 1)),
  },
  {
    name: "no decode time",
    rule: "cmaf-decode-time",
    damage: (draft) => draft.rename(low.segment(1), `moof/traf/tfdt`, "free"),
  },
  {
    name: "a fragment's number twice",
    rule: "cmaf-sequence",
    damage: inBox(low.segment(2), "moof/mfhd", (body) => body.setUint32(4, 1)),
  },
  {
    name: "the base is not the moof",
    rule: "cmaf-addressing",
    damage: inBox(low.segment(1), tfhd, (body) => body.setUint8(1, 0)),
  },
  {
    name: "a data offset one byte off",
    rule: "cmaf-addressing",
    damage: inBox(low.segment(1), trun, (body) => body.setInt32(8, body.getInt32(8) + 1)),
  },
  {
    name: "another track in tfhd",
    rule: "cmaf-track-id",
    damage: inBox(english.segment(3), tfhd, (body) => body.setUint32(4, 2)),
  },
  { name: "two traf boxes", rule: "cmaf-one-run", damage: doubleTraf },
  {
    name: "a sample one byte larger",
    rule: "cmaf-data-size",
    damage: sampleField(low.segment(2), "size", 3, (size) => size + 1),
  },
  {
    name: "a sample without bytes",
    rule: "cmaf-data-size",
    damage: sampleField(english.segment(1), "size", 3, () => 0),
  },
  {
    name: "mdat ends early",
    rule: "cmaf-data-size",
    damage: (draft) =>
      draft.boxBytes(high.segment(2), "mdat", (body) => body.subarray(0, body.length - 100)),
  },
  {
    name: "mdat under another name",
    rule: "cmaf-boxes",
    damage: (draft) => draft.rename(low.segment(3), "mdat", "free"),
  },
  {
    name: "more samples than trun holds",
    rule: "cmaf-boxes",
    damage: inBox(low.segment(1), trun, (body) => body.setUint32(4, body.getUint32(4) + 1)),
  },
  {
    name: "fewer samples than trun holds",
    rule: "cmaf-boxes",
    damage: inBox(low.segment(1), trun, (body) => body.setUint32(4, body.getUint32(4) - 1)),
  },
  {
    name: "the first picture is no sync sample",
    rule: "cmaf-sync-samples",
    damage: firstFlags(high.segment(2), NOT_SYNC),
  },
  {
    name: "a frame of sound is no sync sample",
    rule: "cmaf-sync-samples",
    damage: (draft) =>
      draft.box(english.segment(1), tfhd, (body) => body.setUint32(body.byteLength - 4, NOT_SYNC)),
  },
  {
    name: "a sync sample that depends on others",
    rule: "cmaf-sync-samples",
    damage: firstFlags(low.segment(1), 0x01000000),
  },
  {
    name: "access points are missing where they are promised",
    rule: "mpd-access-points",
    damage: firstFlags(low.segment(2), NOT_SYNC),
  },
  {
    name: "a picture without a duration",
    rule: "cmaf-durations",
    damage: (draft) => draft.box(low.segment(1), tfhd, (body) => body.setUint32(12, 0)),
  },
  {
    name: "frames of sound one sample short",
    rule: "aac-frames",
    damage: inBox(english.segment(2), tfhd, (body) => body.setUint32(12, 1023)),
  },
  {
    name: "frames of sound ten times as long",
    rule: "aac-frames",
    damage: inBox(english.segment(1), tfhd, (body) => body.setUint32(12, 10240)),
  },
  {
    name: "a picture shown a tick late",
    rule: "cmaf-composition",
    damage: sampleField(low.segment(2), "offset", 5, (ticks) => ticks + 1),
  },
  {
    name: "two pictures at one time",
    rule: "cmaf-composition",
    damage: sampleField(high.segment(1), "offset", 2, (ticks) => ticks + 1000),
  },
  { name: "rungs cut at different times", rule: "mpd-alignment", damage: moveCut },
  {
    name: "IDR pictures too far apart",
    rule: "h264-idr-distance",
    damage: (draft) => {
      firstFlags(low.segment(1), NOT_SYNC, 1)(draft);
      firstFlags(low.segment(2), NOT_SYNC, 0)(draft);
    },
  },
  {
    name: "the default duration is another",
    rule: "mpd-timeline",
    damage: (draft) =>
      draft.box(high.segment(3), tfhd, (body) => body.setUint32(12, body.getUint32(12) - 1)),
  },
];

/** Sets the flags of the first sample in a fragment, which stand by themselves (§8.8.8, 0x000004). */
function firstFlags(file: string, flags: number, fragment = 0): (draft: Draft) => void {
  return (draft) =>
    draft.box(file, `moof[${fragment}]/traf/trun`, (body) => {
      if ((body.getUint32(0) & 4) === 0)
        throw new Error("The first sample has no flags of its own.");
      body.setUint32(12, flags);
    });
}

/** Gives every sample of the first fragment flags of its own, and one of them these. */
const flagsOf =
  (file: string, sample: number, flags: number) =>
  (draft: Draft): void =>
    draft.boxBytes(file, "moof/traf/trun", (body) => {
      const view = new DataView(body.buffer, body.byteOffset, body.length);
      const kind = view.getUint32(0);
      if ((kind & 0xf04) !== 0xa04 && (kind & 0xf04) !== 0x204)
        throw new Error(`trun's flags are ${kind}.`);
      const count = view.getUint32(4);
      const perSample = kind & 0x800 ? 8 : 4;
      const out = new DataView(new ArrayBuffer(12 + count * (perSample + 4)));
      out.setUint32(0, (kind & ~4) | 0x400);
      out.setUint32(4, count);
      // The first flags go, one word comes in for each sample.
      out.setInt32(8, view.getInt32(8) + 4 * count - 4);
      for (let index = 0; index < count; index += 1) {
        const [from, to] = [16 + index * perSample, 12 + index * (perSample + 4)];
        const usual = index === 0 ? view.getUint32(12) : NOT_SYNC;
        out.setUint32(to, view.getUint32(from));
        out.setUint32(to + 4, index === sample ? flags : usual);
        if (perSample === 8) out.setUint32(to + 8, view.getUint32(from + 4));
      }
      return new Uint8Array(out.buffer);
    });

function doubleTraf(draft: Draft): void {
  draft.boxBytes(low.segment(1), "moof", (body) => {
    const traf = boxesIn(body).find(({ type }) => type === "traf");
    return traf === undefined
      ? body
      : Buffer.concat([body, body.subarray(traf.start, traf.start + traf.size)]);
  });
}

/** The higher rung's second segment begins a tick later than the lower's. */
function moveCut(draft: Draft): void {
  draft.box(high.segment(2), tfdt, (body) => body.setUint32(8, body.getUint32(8) + 1));
}

/** For the rules of the codecs. */
export const segmentEdits = { sampleField, flagsOf, firstFlags, place } as const;
