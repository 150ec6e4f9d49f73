import { and, eq, isNotNull, lt, ne, or, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { jobs, tracks, videos } from "../db/schema.ts";
import type { Log } from "../log.ts";
import { buildMasterPlaylist } from "../presentation/hls-master.ts";
import { buildTextPlaylist } from "../presentation/hls-text.ts";
import { buildMpd } from "../presentation/mpd.ts";
import {
  masterPlaylistName,
  mediaPlaylistName,
  mpdName,
  presentationName,
  textFileName,
} from "../presentation/names.ts";
import type { Presentation, TextTrack } from "../presentation/presentation.ts";
import { readPresentation } from "../presentation/presentation-file.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix, trackKey } from "../storage/keys.ts";
import { within } from "../text/cue.ts";
import { parseWebVtt } from "../text/parse-web-vtt.ts";
import { writeWebVtt } from "../text/write-web-vtt.ts";
import { listTracks, type Track, type TrackContext } from "./tracks.ts";
import type { Video } from "./video.ts";

/**
 * Brings the manifests of a video's presentation up to date with its tracks: both are made again
 * from `presentation.json` and the rows, and put in place of the old ones. Whoever is called twice,
 * or after somebody else, changes nothing. The row's lock is held meanwhile, so that of two at once
 * the later writes the later state, and so that nothing is written to a video that was deleted.
 */
export const publishTracks = async (
  { database, storage, log }: TrackContext & { readonly log: Log },
  videoId: string,
): Promise<void> => {
  await database.queries.transaction(async (tx) => {
    const [video] = await tx.select().from(videos).where(eq(videos.id, videoId)).for("update");
    if (video === undefined || video.presentationId === null || !isBehind(video)) return;
    const { presentationId, tracksRevision } = video;
    const prefix = presentationPrefix(videoId, presentationId);
    const presentation = await storedPresentation(storage, prefix);
    if (presentation === null) {
      log.error({ videoId, presentationId }, "this presentation cannot take text tracks");
    } else {
      await writeManifests(storage, prefix, presentation, await listTracks(tx, videoId));
    }
    await tx
      .update(videos)
      .set({ publishedTracksRevision: tracksRevision, publishedTracksFor: presentationId })
      .where(eq(videos.id, videoId));
  });
};

/** A new presentation knows nothing of the tracks, and after a change of them none does. */
const isBehind = (video: Video): boolean =>
  video.status !== "deleted" &&
  video.tracksRevision > 0 &&
  (video.publishedTracksFor !== video.presentationId ||
    video.publishedTracksRevision < video.tracksRevision);

/** The same for the video of a job, whose presentation has just become visible. */
export const publishTracksOfJob = async (
  context: TrackContext & { readonly log: Log },
  jobId: string,
): Promise<void> => {
  const [job] = await context.database.queries
    .select({ videoId: jobs.videoId })
    .from(jobs)
    .where(eq(jobs.id, jobId));
  if (job !== undefined) await publishTracks(context, job.videoId);
};

const BATCH = 100;

/** Longer than addresses of media are good for: nobody can hold a manifest that still names the track. */
const REMOVED_TRACK_HOURS = 24;

/** Publishes what was cut short by a crash or a storage that was away. Run it every few minutes. */
export const publishLateTracks = async (
  context: TrackContext & { readonly log: Log },
): Promise<void> => {
  const late = await context.database.queries
    .select({ id: videos.id })
    .from(videos)
    .where(
      and(
        ne(videos.status, "deleted"),
        isNotNull(videos.presentationId),
        sql`${videos.tracksRevision} > 0`,
        or(
          sql`${videos.publishedTracksFor} is distinct from ${videos.presentationId}`,
          lt(videos.publishedTracksRevision, videos.tracksRevision),
        ),
      ),
    )
    .limit(BATCH);
  for (const { id } of late) await publishTracks(context, id);
};

/** Files and rows of tracks that were removed a day ago. */
export const removeOldTracks = async ({
  database: { queries },
  storage,
}: TrackContext): Promise<void> => {
  const old = await queries
    .select({ id: tracks.id, videoId: tracks.videoId, presentationId: videos.presentationId })
    .from(tracks)
    .innerJoin(videos, eq(videos.id, tracks.videoId))
    .where(lt(tracks.removedAt, sql`now() - make_interval(hours => ${REMOVED_TRACK_HOURS})`))
    .limit(BATCH);
  for (const { id, videoId, presentationId } of old) {
    await storage.delete("media", trackKey(videoId, id));
    if (presentationId !== null) {
      const prefix = presentationPrefix(videoId, presentationId);
      await storage.deletePrefix("media", `${prefix}${trackFolder(id)}/`);
    }
    await queries.delete(tracks).where(eq(tracks.id, id));
  }
};

/** Removes every track's row with its video; the files go with the video's other media. */
export const forgetTracks = async (tx: Queries, videoId: string): Promise<void> => {
  await tx.delete(tracks).where(eq(tracks.videoId, videoId));
};

/** Beside the text tracks of the source, which are named by language. */
const trackFolder = (trackId: string): string => `s/${trackId}`;

/** `presentation.json` of a film of twelve hours has 2 MB. */
const MAX_PRESENTATION_BYTES = 64 * 1024 * 1024;

const storedPresentation = async (
  storage: Storage,
  prefix: string,
): Promise<Presentation | null> => {
  const info = await storage.head("media", prefix + presentationName);
  if (info === null || info.sizeBytes > MAX_PRESENTATION_BYTES) return null;
  return readPresentation(await readText(storage, info.key));
};

const readText = async (storage: Storage, key: string): Promise<string> => {
  const stream = await storage.get("media", key);
  return stream === null ? "" : await new Response(stream).text();
};

/** Everything that the manifests name is there before they are. */
const writeManifests = async (
  storage: Storage,
  prefix: string,
  presentation: Presentation,
  added: readonly Track[],
): Promise<void> => {
  const { durationSeconds } = presentation;
  const put = (name: string, text: string) =>
    storage.put("media", prefix + name, Buffer.from(text));
  const text: TextTrack[] = [];
  for (const track of added) {
    const path = trackFolder(track.id);
    const file = `${path}/${textFileName}`;
    // A track's file never changes, so what lies there is right.
    let info = await storage.head("media", prefix + file);
    if (info === null) {
      const { cues } = parseWebVtt(await readText(storage, trackKey(track.videoId, track.id)));
      await put(`${path}/${mediaPlaylistName}`, buildTextPlaylist(durationSeconds));
      info = await put(file, writeWebVtt(within(cues, durationSeconds)));
    }
    text.push(textTrack(track, path, info.sizeBytes));
  }
  const whole = { ...presentation, text: withOneDefault(presentation.text, text) };
  await put(masterPlaylistName, buildMasterPlaylist(whole));
  await put(mpdName, buildMpd(whole));
};

const textTrack = (track: Track, path: string, sizeBytes: number): TextTrack => {
  const { kind, language, label, isDefault, isForced } = track;
  return { id: `s-${track.id}`, path, kind, language, label, isDefault, isForced, sizeBytes };
};

/** What somebody chose counts more than what the file said. */
const withOneDefault = (
  ofSource: readonly TextTrack[],
  added: readonly TextTrack[],
): TextTrack[] => {
  const chosen = added.some(({ isDefault }) => isDefault);
  return [...ofSource.map((track) => (chosen ? { ...track, isDefault: false } : track)), ...added];
};
