import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import type { Identity } from "../identity/index.ts";
import type { VideoChanges } from "../videos/changes.ts";
import { createWakeUp } from "../wake-up.ts";
import { authentication } from "./authentication.ts";
import { describeVideo } from "./describe-video.ts";
import type { MediaAddresses } from "./media-address.ts";
import { VIDEO_EVENT, type VideoBody } from "./schemas.ts";

/** The event that says the video is gone, or no longer to be seen; the stream ends after it. */
export const VIDEO_GONE_EVENT = "gone";

/** A browser that lost the stream comes back after this. */
const RETRY_MS = 2_000;
/** Two updates a second look alive; more cost the database and show nothing. */
const LEAST_PAUSE_MS = 500;
/** Below the idle limits of usual proxies (60 s); the video is read again too, should a notification be lost. */
const HEARTBEAT_MS = 15_000;
/** The life of an access token: the browser comes back with a fresh one, or not at all. */
const LONGEST_STREAM_MS = 10 * 60_000;

export type VideoEventsContext = {
  readonly identity: Identity;
  readonly changes: VideoChanges;
  readonly database: Database;
  readonly addresses: MediaAddresses;
};

/**
 * `GET /videos/:id/events`: server-sent events (HTML Living Standard, section 9.2). The whole video
 * at once, then again whenever it changed. The stream stays open after `ready` and `failed`, because
 * a retry or a change of title may follow; clients close it when they have seen enough.
 */
export const videoEventRoutes = ({
  identity,
  changes,
  database: { queries },
  addresses,
}: VideoEventsContext) =>
  new Elysia({ name: "video-events", prefix: "/videos", detail: { tags: ["Videos"] } })
    .use(authentication(identity))
    .get(
      "/:id/events",
      async ({ params: { id }, principal, request, server }) => {
        const read = () => describeVideo({ queries, addresses }, id, principal?.userId ?? null);
        const first = await read();
        // The stream is silent for longer than the server lets a connection idle.
        server?.timeout(request, 0);
        const events = videoEvents({
          first,
          read,
          follow: (onChange) => changes.follow(id, onChange),
          signal: request.signal,
        });
        return new Response(toStream(events), {
          headers: {
            "content-type": "text/event-stream",
            "cache-control": "no-store",
            // nginx would hold the events back until its buffer is full.
            "x-accel-buffering": "no",
          },
        });
      },
      {
        signedInOptional: true,
        params: Type.Object({ id: Type.String({ format: "uuid" }) }),
        detail: {
          summary: "Follow a video",
          responses: {
            200: {
              description: "The stream.",
              content: { "text/event-stream": { schema: { type: "string" } } },
            },
          },
          description: `Server-sent events. \`event: ${VIDEO_EVENT}\` carries the whole video as \`GET /videos/:id\` gives it, at once and at every change; \`event: ${VIDEO_GONE_EVENT}\` ends the stream when the video was deleted. Close it when you have seen enough: it also stays open after \`ready\` and \`failed\`.`,
        },
      },
    );

/** The text of the stream, piece by piece, until the client or the video is gone. */
export const videoEvents = async function* ({
  first,
  read,
  follow,
  signal,
}: {
  first: VideoBody;
  read: () => Promise<VideoBody>;
  follow: (onChange: () => void) => () => void;
  signal: AbortSignal;
}): AsyncGenerator<string, void> {
  const wakeUp = createWakeUp();
  const unfollow = follow(wakeUp.wake);
  const endsAt = performance.now() + LONGEST_STREAM_MS;
  const pause = createWakeUp();
  try {
    yield `retry: ${RETRY_MS}\n\n${videoEvent(first)}`;
    let shown = withoutSignatures(first);
    let woken = wakeUp.next();
    // Something may have changed between the first look and the following: look again at once.
    wakeUp.wake();
    while (!signal.aborted && performance.now() < endsAt) {
      await woken.within(HEARTBEAT_MS, signal);
      woken = wakeUp.next();
      const video = await read().catch(orGone);
      if (video === null) {
        yield `event: ${VIDEO_GONE_EVENT}\ndata: {}\n\n`;
        return;
      }
      const now = withoutSignatures(video);
      yield now === shown ? ": still here\n\n" : videoEvent(video);
      shown = now;
      await pause.next().within(LEAST_PAUSE_MS, signal);
    }
  } finally {
    unfollow();
  }
};

const videoEvent = (video: VideoBody): string =>
  `event: ${VIDEO_EVENT}\ndata: ${JSON.stringify(video)}\n\n`;

/** Signed addresses differ each time and are no change. */
const withoutSignatures = (video: VideoBody): string =>
  JSON.stringify({ ...video, posterUrl: video.posterUrl !== null });

const orGone = (thrown: unknown): null => {
  if (thrown instanceof SluiceError && thrown.code === "video_not_found") {
    return null;
  }
  throw thrown;
};

/** A client that goes away ends the generator, wherever it waits. */
const toStream = (events: AsyncGenerator<string, void>): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await events.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(encoder.encode(value));
      }
    },
    cancel: () => {
      events.return();
    },
  });
};
