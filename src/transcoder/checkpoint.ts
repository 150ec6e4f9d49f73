import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { commit, version } from "../version.ts";
import { ffmpegVersion } from "./ffmpeg/version.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { PictureState } from "./render/picture-state.ts";
import type { Source } from "./source.ts";

/** Version of the file below; any other is ignored. */
export const CHECKPOINT_FORMAT = 1;

/** What is whole of one rung. Its segments say the rest themselves. */
const RungState = Type.Object({
  /** Segments from the first one on, each with all its pictures. */
  segments: Type.Integer({ minimum: 1 }),
  /** Quality of just these; null for a copied rung, and where it is not known. */
  quality: Type.Union([
    Type.Object({ pictures: Type.Integer({ minimum: 1 }), weighted: Type.Number() }),
    Type.Null(),
  ]),
});

/**
 * How far an attempt has come: `checkpoint.json` beside its segments. It is written after what it
 * names, and names nothing that is not whole. Sound and text are not in it: they are made whole.
 */
export const Checkpoint = Type.Object({
  format: Type.Literal(CHECKPOINT_FORMAT),
  /** Of which work it is a part, see `checkpointKey`. */
  key: Type.String(),
  /** By id; a rung without a whole segment is missing. */
  rungs: Type.Record(Type.String(), RungState),
  pictures: PictureState,
  /** Sheets of thumbnails in the presentation, in order. */
  sheets: Type.Array(
    Type.Object({ tiles: Type.Integer({ minimum: 1 }), sizeBytes: Type.Integer({ minimum: 1 }) }),
  ),
  /** The poster chosen so far, a JPEG in base 64. */
  poster: Type.Union([Type.String(), Type.Null()]),
});
export type Checkpoint = Static<typeof Checkpoint>;

/**
 * Names the work that a checkpoint belongs to: the same source, unchanged, the same plan, and the
 * same transcoder. Segments made under one key fit together.
 */
export const checkpointKey = (source: Source, plan: TranscodePlan): string => {
  const work = {
    transcoder: [version, commit, ffmpegVersion()],
    source: [source.sizeBytes, source.version],
    plan,
  };
  const text = JSON.stringify(work, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
};

/** A checkpoint out of a file; null for anything else, half a one among it. */
export const readCheckpoint = (bytes: Uint8Array): Checkpoint | null => {
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Value.Check(Checkpoint, found) ? found : null;
  } catch {
    return null;
  }
};
