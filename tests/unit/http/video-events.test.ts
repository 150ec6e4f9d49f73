import { afterEach, beforeEach, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import type { Database } from "../../../src/db/index.ts";
import { videos } from "../../../src/db/schema.ts";
import { SluiceError } from "../../../src/errors.ts";
import { createApp } from "../../../src/http/app.ts";
import { mediaAddresses } from "../../../src/http/media-address.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { videoEventRoutes } from "../../../src/http/video-events.ts";
import { videoRetryRoutes } from "../../../src/http/video-retry.ts";
import type { Identity } from "../../../src/identity/index.ts";
import {
  openVideoChanges,
  publishVideoChange,
  type VideoChanges,
} from "../../../src/videos/changes.ts";
import { dispatch } from "../../../src/videos/dispatch.ts";
import { transitionVideo } from "../../../src/videos/video.ts";
import { describeOnDatabases } from "../../fixtures/databases.ts";
import {
  addUploadedVideo,
  openTestStorage,
  readJob,
  readVideo,
  type StorageFolder,
  silentLog,
  testKeys,
} from "../../fixtures/jobs.ts";

/** The token is the user's id. */
const identity = {
  verifyAccessToken: async (token: string) => {
    if (token === "bad") {
      throw new SluiceError("not_signed_in");
    }
    return { userId: token, sessionId: "s", role: "user" };
  },
  checkSession: async () => {},
} as unknown as Identity;

describeOnDatabases("following and retrying videos over HTTP", (open) => {
  let database: Database;
  let folder: StorageFolder;
  let changes: VideoChanges;
  let listeners: number;
  let followers: number;
  let url: string;
  let stop: () => Promise<unknown>;
  beforeEach(async () => {
    const opened = await open();
    listeners = 0;
    followers = 0;
    database = {
      ...opened,
      listen: (channel, onPayload) => {
        listeners += 1;
        return opened.listen(channel, onPayload);
      },
    };
    folder = await openTestStorage();
    changes = openVideoChanges(database);
    const counted: VideoChanges = {
      ...changes,
      follow: (videoId, onChange) => {
        followers += 1;
        const unfollow = changes.follow(videoId, onChange);
        return () => {
          followers -= 1;
          unfollow();
        };
      },
    };
    const context = {
      identity,
      database,
      changes: counted,
      addresses: mediaAddresses(testKeys, ""),
    };
    const metrics = createMetrics(async () => ({ pending: 0, running: 0 }));
    const frame = { log: silentLog, metrics, publicUrl: "http://127.0.0.1" };
    const routes = [videoEventRoutes(context), videoRetryRoutes(context)];
    const app = createApp(frame, routes).listen({ port: 0, hostname: "127.0.0.1" });
    url = `http://127.0.0.1:${app.server?.port}/videos`;
    stop = () => app.stop(true);
  });
  afterEach(async () => {
    await stop();
    await changes.close();
    await folder.remove();
    await database.close();
  });

  const addVideo = async () => {
    const { videoId, message } = await addUploadedVideo(database, folder.storage, "x");
    return { videoId, message, ownerId: (await readVideo(database, videoId)).ownerId };
  };
  type Event = { event: string; data: { status?: string; title?: string; mine?: boolean } };
  const follow = async (videoId: string, token: string | null) => {
    const abort = new AbortController();
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const answer = await fetch(`${url}/${videoId}/events`, { headers, signal: abort.signal });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    /** The next event; null at the end of the stream. Comments and `retry` are skipped. */
    const next = async (): Promise<Event | null> => {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
          if (event && data) {
            return { event, data: JSON.parse(data) };
          }
        } else {
          const chunk = await reader?.read();
          if (!chunk || chunk.done) {
            return null;
          }
          text += chunk.value;
        }
      }
    };
    return { answer, next, leave: () => abort.abort() };
  };

  test("the whole video comes at once, then again at each change, and the end when it is deleted", async () => {
    const { videoId, ownerId } = await addVideo();
    const { answer, next } = await follow(videoId, ownerId);
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    expect(await next()).toMatchObject({ event: "video", data: { status: "queued", mine: true } });
    await transitionVideo(database.queries, { videoId, transition: "started" });
    await publishVideoChange(database.queries, videoId);
    expect(await next()).toMatchObject({ event: "video", data: { status: "processing" } });
    await transitionVideo(database.queries, { videoId, transition: "deleted" });
    await publishVideoChange(database.queries, videoId);
    expect(await next()).toEqual({ event: "gone", data: {} });
    expect(await next()).toBeNull();
    expect(followers).toBe(0);
  });

  test("many who follow share one database listener, and those who leave are forgotten", async () => {
    const { videoId, ownerId } = await addVideo();
    const all = await Promise.all([1, 2, 3, 4].map(() => follow(videoId, ownerId)));
    await Promise.all(all.map(({ next }) => next()));
    expect([followers, listeners]).toEqual([4, 1]);
    for (const { leave } of all) {
      leave();
    }
    while (followers > 0) {
      await Bun.sleep(10);
    }
  });

  test("a private video is not there for others, an unlisted one is", async () => {
    const { videoId } = await addVideo();
    const stranger = crypto.randomUUID();
    for (const token of [null, stranger]) {
      const { answer } = await follow(videoId, token);
      expect(answer.status).toBe(404);
    }
    await database.queries
      .update(videos)
      .set({ visibility: "unlisted" })
      .where(eq(videos.id, videoId));
    const { next, leave } = await follow(videoId, null);
    expect(await next()).toMatchObject({ event: "video", data: { mine: false } });
    leave();
  });

  test("a retry puts a failed video back into the queue, once, for its owner alone", async () => {
    const { videoId, ownerId, message } = await addVideo();
    await dispatch(database, message);
    const retry = (token: string) =>
      fetch(`${url}/${videoId}/retry`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await retry(ownerId)).status).toBe(409);
    const { id } = await readJob(database, videoId);
    await database.queries.execute(`update jobs set status = 'failed' where id = '${id}'`);
    await transitionVideo(database.queries, {
      videoId,
      transition: "failed",
      set: { failureCode: "output_full", failureMessage: "Full.", failureRetryable: true },
    });
    expect((await retry(crypto.randomUUID())).status).toBe(404);
    const answer = await retry(ownerId);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ id: videoId, status: "queued", failure: null });
    const again = await retry(ownerId);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: "video_not_retryable" });
    expect((await readJob(database, videoId)).status).toBe("pending");
  });
});
