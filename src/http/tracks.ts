import { createHash } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import type { Identity } from "../identity/index.ts";
import type { Log } from "../log.ts";
import { publishTracks } from "../videos/publish-tracks.ts";
import {
  addTrack,
  changeTrack,
  listTracks,
  MAX_TRACK_BYTES,
  removeTrack,
  type TrackContext,
} from "../videos/tracks.ts";
import { findVideo, maySeeVideo } from "../videos/video.ts";
import { authentication } from "./authentication.ts";
import { idempotently } from "./idempotency.ts";
import { jsonBodies } from "./json-body.ts";
import { TrackBody, TrackChange, TrackList, TrackStart } from "./schemas.ts";
import { addedTrackBody, sourceTrackBody } from "./track-body.ts";

export type TrackRoutesContext = TrackContext & {
  readonly identity: Identity;
  readonly log: Log;
};

const ofVideo = Type.Object({ id: Type.String({ format: "uuid" }) });
const ofTrack = Type.Object({
  id: Type.String({ format: "uuid" }),
  trackId: Type.String({ format: "uuid" }),
});

const SUBRIP = "1\n00:00:01,000 --> 00:00:02,500\nGuten Tag.\n";
const WEB_VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nGuten Tag.\n";
const file = (example: string) => ({
  schema: { type: "string" as const, format: "binary" },
  example,
});

/** Types under which a file may come; what it is, its content tells. A form is none of them: see `jsonBodies`. */
const FILE_TYPES = {
  "text/vtt": file(WEB_VTT),
  "application/x-subrip": file(SUBRIP),
  "application/octet-stream": file(SUBRIP),
};

/** Subtitles and captions of a video: what its file held, and what people added to it. */
export const trackRoutes = (context: TrackRoutesContext) => {
  const { database, identity, log } = context;
  const { queries } = database;
  /** The change is made; where the manifests cannot be written now, a chore does it within minutes. */
  const publish = async (videoId: string): Promise<void> => {
    await publishTracks(context, videoId).catch((error) =>
      log.error({ err: error, videoId }, "text tracks could not be published yet"),
    );
  };
  return new Elysia({ name: "tracks", prefix: "/videos", detail: { tags: ["Subtitles"] } })
    .use(authentication(identity))
    .get(
      "/:id/tracks",
      async ({ params: { id }, principal }) => {
        const video = await findVideo(queries, id);
        if (!video || !maySeeVideo(video, principal?.userId ?? null)) {
          throw new SluiceError("video_not_found");
        }
        const added = await listTracks(queries, id);
        const isOverruled = added.some(({ isDefault }) => isDefault);
        return {
          items: [
            ...video.sourceText.map((track) => sourceTrackBody(track, isOverruled)),
            ...added.map(addedTrackBody),
          ],
        };
      },
      {
        signedInOptional: true,
        params: ofVideo,
        response: { 200: TrackList },
        detail: {
          summary: "List subtitles",
          description:
            "Those of the uploaded file (`origin: source`, which cannot be changed) and those that were added.",
        },
      },
    )
    .post(
      "/:id/tracks",
      async ({ params: { id }, query, principal: { userId }, request, set }) => {
        const bytes = await readFile(request);
        const call = {
          userId,
          key: request.headers.get("idempotency-key"),
          method: "POST",
          path: `/videos/${id}/tracks`,
          body: [query, createHash("sha256").update(bytes).digest("hex")],
          status: 201,
        };
        const { answer, replayed } = await idempotently(queries, call, async () => {
          const { language, label = null, kind = "subtitles" } = query;
          const { default: isDefault = false, forced: isForced = false } = query;
          const facts = { language, label, kind, isDefault, isForced, bytes };
          const track = await addTrack(context, { videoId: id, ownerId: userId }, facts);
          await publish(id);
          return addedTrackBody(track);
        });
        if (replayed) {
          set.headers["idempotency-replayed"] = "true";
        }
        set.status = 201;
        return answer;
      },
      {
        signedIn: true,
        params: ofVideo,
        query: TrackStart,
        parse: "none",
        response: { 201: TrackBody },
        detail: {
          summary: "Add a subtitle file",
          description:
            "The body is the file as it is: SubRip, WebVTT or SubStation Alpha, in any usual encoding, 2 MiB at most. It can be added before, while and after the video is converted; both manifests offer it at once, without another conversion. Refused with `track_unreadable` (422), `track_too_large` (413), `too_many_tracks` (409).",
          requestBody: { required: true, content: FILE_TYPES },
        },
      },
    )
    .patch(
      "/:id/tracks/:trackId",
      async ({ params: { id, trackId }, body, principal: { userId } }) => {
        const track = await changeTrack(context, { videoId: id, ownerId: userId, trackId }, body);
        await publish(id);
        return addedTrackBody(track);
      },
      {
        ...jsonBodies,
        signedIn: true,
        params: ofTrack,
        body: TrackChange,
        response: { 200: TrackBody },
        detail: {
          summary: "Change what is said about subtitles",
          description: "Another one that was the default is no longer, where this one becomes it.",
        },
      },
    )
    .delete(
      "/:id/tracks/:trackId",
      async ({ params: { id, trackId }, principal: { userId }, set }) => {
        await removeTrack(context, { videoId: id, ownerId: userId, trackId });
        await publish(id);
        set.status = 204;
      },
      {
        ...jsonBodies,
        signedIn: true,
        params: ofTrack,
        response: { 204: Type.Void({ description: "Done." }) },
        detail: {
          summary: "Delete subtitles",
          description: "Those that were added; players that have them already may show them on.",
        },
      },
    );
};

/** @throws SluiceError `malformed_body`, `track_too_large` */
const readFile = async (request: Request): Promise<Uint8Array> => {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && !Object.hasOwn(FILE_TYPES, type)) {
    throw new SluiceError("malformed_body", {
      message: `Send the file itself as the body, as ${Object.keys(FILE_TYPES).join(", ")}.`,
    });
  }
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of request.body ?? []) {
    received += chunk.byteLength;
    if (received > MAX_TRACK_BYTES) {
      throw new SluiceError("track_too_large", { details: { maxBytes: MAX_TRACK_BYTES } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
