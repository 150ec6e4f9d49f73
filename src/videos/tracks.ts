import { and, asc, eq, isNull, ne, sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { tracks, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { TextKind } from "../presentation/presentation.ts";
import type { Storage } from "../storage/index.ts";
import { trackKey } from "../storage/keys.ts";
import { parseTextFile } from "../text/parse-text-file.ts";
import { writeWebVtt } from "../text/write-web-vtt.ts";
import { publishVideoChange } from "./changes.ts";
import { cleanTitle } from "./title.ts";
import type { Video } from "./video.ts";

export type TrackContext = { readonly database: Database; readonly storage: Storage };

/** A text track that somebody added. */
export type Track = typeof tracks.$inferSelect;

/** A two-hour film has 150 kB; what is larger is no text. */
export const MAX_TRACK_BYTES = 2 * 1024 * 1024;

/** The languages of the European Union, and some to spare. */
export const MAX_TRACKS = 30;

const MAX_LABEL_LENGTH = 100;

/** What people say about a track; all but the file can be changed later. */
export type TrackFacts = {
  readonly language: string;
  readonly label: string | null;
  readonly kind: TextKind;
  readonly isDefault: boolean;
  readonly isForced: boolean;
};

/** The tracks of a video that count, in the order in which they were added. */
export const listTracks = (queries: Queries, videoId: string): Promise<Track[]> =>
  queries
    .select()
    .from(tracks)
    .where(and(eq(tracks.videoId, videoId), isNull(tracks.removedAt)))
    .orderBy(asc(tracks.createdAt), asc(tracks.id));

/**
 * Adds a subtitle file to a video, in whatever state it is. The manifests offer it from the next
 * `publishTracks` on.
 * @throws SluiceError `video_not_found`, `track_unreadable`, `track_too_large`, `too_many_tracks`,
 *   `validation_failed`, `storage_full`
 */
export const addTrack = async (
  { database, storage }: TrackContext,
  owned: { readonly videoId: string; readonly ownerId: string },
  { bytes, ...facts }: TrackFacts & { readonly bytes: Uint8Array },
): Promise<Track> => {
  if (bytes.byteLength > MAX_TRACK_BYTES) throw new SluiceError("track_too_large");
  const clean = cleanFacts(facts);
  const { cues, truncated } = parseTextFile(bytes);
  if (cues.length === 0) throw new SluiceError("track_unreadable");
  if (truncated) throw new SluiceError("track_too_large");
  const file = Buffer.from(writeWebVtt(cues));
  const id = Bun.randomUUIDv7();
  return await changeTracks(database, owned, async (tx) => {
    if ((await listTracks(tx, owned.videoId)).length >= MAX_TRACKS) {
      throw new SluiceError("too_many_tracks", { details: { maxTracks: MAX_TRACKS } });
    }
    // Within the transaction, which holds the video's row: a deletion comes before or after both.
    await storage.put("media", trackKey(owned.videoId, id), file);
    const [track] = await tx
      .insert(tracks)
      .values({
        ...(clean as TrackFacts),
        id,
        videoId: owned.videoId,
        cueCount: cues.length,
        sizeBytes: file.length,
      })
      .returning();
    return only(track);
  });
};

/**
 * Changes what is said about a track.
 * @throws SluiceError `video_not_found`, `track_not_found`, `validation_failed`
 */
export const changeTrack = async (
  { database }: TrackContext,
  owned: { readonly videoId: string; readonly ownerId: string; readonly trackId: string },
  change: { readonly [fact in keyof TrackFacts]?: TrackFacts[fact] | undefined },
): Promise<Track> => {
  const clean = cleanFacts(change);
  return await changeTracks(database, owned, async (tx) => {
    const [found] = await tx.select().from(tracks).where(isTrack(owned));
    if (found === undefined) throw new SluiceError("track_not_found");
    if (Object.keys(clean).length === 0) return found;
    const [track] = await tx.update(tracks).set(clean).where(isTrack(owned)).returning();
    return only(track);
  });
};

/**
 * Takes a track away. Its files stay a while for players that have it in their manifest, see
 * `removeOldTracks`.
 * @throws SluiceError `video_not_found`, `track_not_found`
 */
export const removeTrack = async (
  { database }: TrackContext,
  owned: { readonly videoId: string; readonly ownerId: string; readonly trackId: string },
): Promise<void> => {
  await changeTracks(database, owned, async (tx) => {
    const [track] = await tx
      .update(tracks)
      .set({ removedAt: sql`now()`, isDefault: false })
      .where(isTrack(owned))
      .returning();
    if (track === undefined) throw new SluiceError("track_not_found");
    return track;
  });
};

const isTrack = ({ videoId, trackId }: { videoId: string; trackId: string }) =>
  and(eq(tracks.id, trackId), eq(tracks.videoId, videoId), isNull(tracks.removedAt));

const only = (track: Track | undefined): Track => {
  if (track === undefined) throw new Error("one row in, one row out");
  return track;
};

/**
 * One change of a video's tracks under the lock of its row; counts the revision, keeps one default
 * at most, and tells the followers.
 */
const changeTracks = (
  database: Database,
  { videoId, ownerId }: { readonly videoId: string; readonly ownerId: string },
  change: (tx: Queries) => Promise<Track>,
): Promise<Track> =>
  database.queries.transaction(async (tx) => {
    await lockOwnVideo(tx, videoId, ownerId);
    const track = await change(tx);
    if (track.isDefault) {
      await tx
        .update(tracks)
        .set({ isDefault: false })
        .where(and(eq(tracks.videoId, videoId), ne(tracks.id, track.id)));
    }
    await tx
      .update(videos)
      .set({ tracksRevision: sql`${videos.tracksRevision} + 1` })
      .where(eq(videos.id, videoId));
    await publishVideoChange(tx, videoId);
    return track;
  });

/** @throws SluiceError `video_not_found` when there is none, or it is another user's */
const lockOwnVideo = async (tx: Queries, videoId: string, ownerId: string): Promise<Video> => {
  const [video] = await tx.select().from(videos).where(eq(videos.id, videoId)).for("update");
  if (video?.ownerId !== ownerId || video.status === "deleted") {
    throw new SluiceError("video_not_found");
  }
  return video;
};

/** The facts as they are kept; only those that are given. */
const cleanFacts = (
  facts: { readonly [fact in keyof TrackFacts]?: TrackFacts[fact] | undefined },
) =>
  Object.fromEntries(
    Object.entries({
      ...facts,
      language: facts.language === undefined ? undefined : cleanLanguage(facts.language),
      label: typeof facts.label === "string" ? cleanLabel(facts.label) : facts.label,
    }).filter(([, value]) => value !== undefined),
  );

/** @throws SluiceError `validation_failed` for what is no BCP 47 tag */
const cleanLanguage = (language: string): string => {
  try {
    const [tag] = Intl.getCanonicalLocales(language.trim());
    if (tag !== undefined) return tag;
  } catch {
    // Falls through: not well-formed.
  }
  throw new SluiceError("validation_failed", {
    details: {
      problems: [
        {
          field: "language",
          message: "A BCP 47 language tag, for example de or pt-BR; und if unknown.",
        },
      ],
    },
  });
};

const cleanLabel = (label: string): string | null =>
  cleanTitle(label).slice(0, MAX_LABEL_LENGTH).toWellFormed().trim() || null;
