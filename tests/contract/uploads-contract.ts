import { afterEach, beforeEach, expect, test } from "bun:test";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { attempts, jobs, queueMessages, uploads, users, videos } from "../../src/db/schema.ts";
import type { SluiceError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import type { Queue } from "../../src/queue/index.ts";
import { openPostgresQueue } from "../../src/queue/postgres.ts";
import type { SignedRequest, Storage } from "../../src/storage/index.ts";
import { objectVersion } from "../../src/storage/object-version.ts";
import { deleteVideo, deleteVideosOf, purgeDeletedVideos } from "../../src/videos/delete-video.ts";
import {
  openUploads,
  receivedParts,
  type SignedPartRequest,
  signUploadParts,
  startUpload,
  type UploadSettings,
} from "../../src/videos/upload.ts";
import { cancelUpload, completeUpload, expireUploads } from "../../src/videos/upload-end.ts";
import { findVideo } from "../../src/videos/video.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";

/** A store under test, empty. */
export type StoreUnderTest = {
  readonly storage: Storage;
  /** Makes a signed request. @throws an error with a stable `code` */
  putPart(signed: SignedRequest, bytes: Uint8Array): Promise<unknown>;
  /** Names of all that lies there, parts of unfinished uploads included. */
  left(): Promise<string[]>;
  close(): Promise<void>;
};

/**
 * What uploads do on every storage.
 * @param store.partBytes least size of a part that it takes
 * @param store.leftByOpenUpload how many names an upload that was only begun has in `left`
 */
export const uploadsContract = (
  name: string,
  store: {
    readonly open: () => Promise<StoreUnderTest>;
    readonly partBytes: number;
    readonly leftByOpenUpload: number;
  },
): void => {
  const PART_BYTES = store.partBytes;
  const SIZE_BYTES = 2.5 * PART_BYTES;
  const content = new Uint8Array(SIZE_BYTES).map((_, index) => index % 251);

  describeOnDatabases(`uploads in ${name}`, (open) => {
    let database: Database;
    let queue: Queue;
    let opened: StoreUnderTest;
    let settings: UploadSettings;
    let ownerId: string;

    beforeEach(async () => {
      database = await open();
      queue = openPostgresQueue(database, createLog("test", "silent"));
      opened = await store.open();
      settings = {
        maxUploadBytes: 4 * SIZE_BYTES,
        userQuotaBytes: 0,
        minFreeDiskBytes: 0,
        partBytes: PART_BYTES,
        expiryHours: 1,
      };
      ownerId = await addUser("ada@example.org");
    });
    afterEach(async () => {
      await queue.close();
      await database.close();
      await opened.close();
    });

    const addUser = async (email: string): Promise<string> => {
      const [user] = await database.queries
        .insert(users)
        .values({ email, name: "Ada" })
        .returning();
      return user?.id ?? "";
    };
    const context = () => ({ database, queue, settings, storage: opened.storage });
    const start = (
      changes: { sizeBytes?: number; ownerId?: string } = {},
      storage: Storage = opened.storage,
    ) =>
      startUpload(
        { ...context(), storage },
        {
          ownerId,
          fileName: "holiday.mp4",
          contentType: "video/mp4",
          sizeBytes: SIZE_BYTES,
          title: "holiday",
          visibility: "private",
          ...changes,
        },
      );
    const send = async (parts: readonly SignedPartRequest[]) => {
      for (const part of parts) {
        const { offset, sizeBytes } = part;
        await opened.putPart(part, content.subarray(offset, offset + sizeBytes));
      }
    };
    const codeOf = (work: Promise<unknown>): Promise<string | null> =>
      work.then(
        () => null,
        (thrown: SluiceError) => thrown.code,
      );
    const messages = async () =>
      (await database.queries.select({ body: queueMessages.body }).from(queueMessages)).map(
        ({ body }) => body,
      );
    const filesLeft = () => opened.left();
    const writeLate = (videoId: string, name: string) =>
      opened.storage.put("media", `media/${videoId}/${name}`, Buffer.from("x"));

    test("an upload that was begun lists its parts, and goes on after a break where it stopped", async () => {
      const { upload, video, parts } = await start();
      expect(video).toMatchObject({
        status: "uploading",
        title: "holiday",
        sourceBytes: SIZE_BYTES,
      });
      expect(
        parts.map(({ partNumber, offset, sizeBytes }) => [partNumber, offset, sizeBytes]),
      ).toEqual([
        [1, 0, PART_BYTES],
        [2, PART_BYTES, PART_BYTES],
        [3, 2 * PART_BYTES, PART_BYTES / 2],
      ]);
      await send(parts.slice(0, 2));
      const [found] = await openUploads(database.queries, ownerId);
      expect(found?.id).toBe(upload.id);
      expect(await receivedParts(opened.storage, upload)).toEqual({
        partNumbers: [1, 2],
        bytes: 2 * PART_BYTES,
      });
      expect(await codeOf(completeUpload(context(), { uploadId: upload.id, ownerId }))).toBe(
        "upload_incomplete",
      );
      await send(
        await signUploadParts(context(), { uploadId: upload.id, ownerId, partNumbers: [3] }),
      );
      expect((await completeUpload(context(), { uploadId: upload.id, ownerId })).status).toBe(
        "queued",
      );
    });

    test("completing queues the video and sends one message with the object's version", async () => {
      const { upload, video, parts } = await start();
      await send(parts);
      const done = await completeUpload(context(), { uploadId: upload.id, ownerId });
      expect(done).toMatchObject({ id: video.id, status: "queued" });
      const key = `uploads/${ownerId}/${video.id}/source`;
      const object = await opened.storage.head("uploads", key);
      expect(await messages()).toEqual([
        {
          version: 1,
          type: "object-created",
          bucket: "uploads",
          key,
          objectVersion: object && objectVersion(object),
          sizeBytes: SIZE_BYTES,
        },
      ]);
    });

    test("two completes at once agree, and all their messages are about one object", async () => {
      const { upload, parts } = await start();
      await send(parts);
      const key = { uploadId: upload.id, ownerId };
      const [first, second] = await Promise.all([
        completeUpload(context(), key),
        completeUpload(context(), key),
      ]);
      expect([first.status, second.status]).toEqual(["queued", "queued"]);
      const sent = await messages();
      expect(sent.length).toBeGreaterThan(0);
      expect(new Set(sent.map((body) => JSON.stringify(body))).size).toBe(1);
    });

    test("completing again sends a lost message again, until there is a job", async () => {
      const { upload, video, parts } = await start();
      await send(parts);
      const key = { uploadId: upload.id, ownerId };
      await completeUpload(context(), key);
      await database.queries.delete(queueMessages);
      await completeUpload(context(), key);
      expect(await messages()).toHaveLength(1);
      await database.queries
        .insert(jobs)
        .values({ videoId: video.id, bucket: "uploads", objectKey: upload.objectKey });
      await completeUpload(context(), key);
      expect(await messages()).toHaveLength(1);
    });

    test("a stop after joining and before the commit is made good by completing again", async () => {
      const { upload, video, parts } = await start();
      await send(parts);
      await opened.storage.completeMultipartUpload({
        upload: { key: upload.objectKey, uploadId: upload.storageUploadId },
        parts,
      });
      await completeUpload(context(), { uploadId: upload.id, ownerId });
      expect((await findVideo(database.queries, video.id))?.status).toBe("queued");
    });

    test("sizes are checked before anything is made", async () => {
      expect(await codeOf(start({ sizeBytes: 0 }))).toBe("upload_empty");
      expect(await codeOf(start({ sizeBytes: 4 * SIZE_BYTES + 1 }))).toBe("upload_too_large");
      const full = { ...opened.storage, freeBytes: async () => 1000 };
      expect(await codeOf(start({}, full))).toBe("storage_full");
      expect(await database.queries.$count(videos)).toBe(0);
      expect(await filesLeft()).toEqual([]);
    });

    test("the quota counts open uploads; of two at once that would exceed it together, one passes", async () => {
      settings = { ...settings, userQuotaBytes: 2 * SIZE_BYTES };
      const { upload } = await start();
      const outcomes = await Promise.all([codeOf(start()), codeOf(start())]);
      expect(outcomes.toSorted()).toEqual([null, "quota_exceeded"].toSorted());
      expect(await codeOf(start({ ownerId: await addUser("grace@example.org") }))).toBeNull();
      await cancelUpload(context(), { uploadId: upload.id, ownerId });
      expect(await codeOf(start())).toBeNull();
    });

    test("nobody opens uploads without end; those of others do not count", async () => {
      const { upload } = await start();
      const { id: _id, videoId: _videoId, ...columns } = upload;
      const more = await database.queries
        .insert(videos)
        .values(Array.from({ length: 199 }, () => ({ ownerId, title: "a", sourceBytes: 1 })))
        .returning();
      await database.queries
        .insert(uploads)
        .values(more.map(({ id }) => ({ ...columns, videoId: id, objectKey: id })));
      expect(await codeOf(start())).toBe("quota_exceeded");
      expect(await codeOf(start({ ownerId: await addUser("grace@example.org") }))).toBeNull();
      await cancelUpload(context(), { uploadId: upload.id, ownerId });
      expect(await codeOf(start())).toBeNull();
    });

    test("room is promised once: what open uploads have yet to send is not given to others", async () => {
      const storage = { ...opened.storage, freeBytes: async () => 2 * SIZE_BYTES + 1000 };
      settings = { ...settings, minFreeDiskBytes: 1000 };
      const begin = () =>
        startUpload(
          { ...context(), storage },
          {
            ownerId,
            fileName: "a",
            contentType: "video/mp4",
            sizeBytes: SIZE_BYTES,
            title: "a",
            visibility: "private",
          },
        );
      const outcomes = await Promise.all([codeOf(begin()), codeOf(begin()), codeOf(begin())]);
      expect(outcomes.filter((code) => code === null)).toHaveLength(2);
      expect(outcomes.filter((code) => code === "storage_full")).toHaveLength(1);
    });

    test("another user's upload does not exist", async () => {
      const { upload } = await start();
      const key = { uploadId: upload.id, ownerId: await addUser("grace@example.org") };
      expect(await codeOf(signUploadParts(context(), { ...key, partNumbers: [1] }))).toBe(
        "upload_not_found",
      );
      expect(await codeOf(completeUpload(context(), key))).toBe("upload_not_found");
      expect(await codeOf(cancelUpload(context(), key))).toBe("upload_not_found");
      expect(await openUploads(database.queries, key.ownerId)).toEqual([]);
    });

    test.each([0, 4, -1])("part %d of three is out of range", async (partNumber) => {
      const { upload } = await start();
      expect(
        await codeOf(
          signUploadParts(context(), {
            uploadId: upload.id,
            ownerId,
            partNumbers: [1, partNumber],
          }),
        ),
      ).toBe("part_out_of_range");
    });

    test("cancelling removes all that arrived, leaves a tombstone, and closes the upload", async () => {
      const { upload, video, parts } = await start();
      await send(parts.slice(0, 1));
      const key = { uploadId: upload.id, ownerId };
      await cancelUpload(context(), key);
      await cancelUpload(context(), key);
      expect((await findVideo(database.queries, video.id))?.status).toBe("deleted");
      expect(await filesLeft()).toEqual([]);
      expect(await codeOf(send(parts.slice(1)))).toBe("upload_closed");
      expect(await codeOf(completeUpload(context(), key))).toBe("upload_closed");
      expect(await codeOf(signUploadParts(context(), { ...key, partNumbers: [1] }))).toBe(
        "upload_closed",
      );
    });

    test("cancelling and completing at once: one of them holds, and nothing is left between", async () => {
      const { upload, video, parts } = await start();
      await send(parts);
      const key = { uploadId: upload.id, ownerId };
      const [cancelled, completed] = await Promise.all([
        codeOf(cancelUpload(context(), key)),
        codeOf(completeUpload(context(), key)),
      ]);
      const { status } = (await findVideo(database.queries, video.id)) ?? {};
      if (completed === null) {
        expect([cancelled, status]).toEqual(["upload_closed", "queued"]);
        expect(await filesLeft()).toEqual(["source"]);
      } else {
        expect([cancelled, completed, status]).toEqual([null, "upload_closed", "deleted"]);
        expect(await filesLeft()).toEqual([]);
      }
    });

    test("uploads that were not completed in time are removed; others stay", async () => {
      const late = await start();
      const fresh = await start();
      await send(late.parts.slice(0, 1));
      await database.queries
        .update(uploads)
        .set({ expiresAt: sql`now() - interval '1 second'` })
        .where(eq(uploads.id, late.upload.id));
      await expireUploads(context());
      expect((await openUploads(database.queries, ownerId)).map(({ id }) => id)).toEqual([
        fresh.upload.id,
      ]);
      expect((await findVideo(database.queries, late.video.id))?.status).toBe("deleted");
      expect((await filesLeft()).length).toBe(store.leftByOpenUpload);
    });

    const uploaded = async () => {
      const { upload, video, parts } = await start();
      await send(parts);
      await completeUpload(context(), { uploadId: upload.id, ownerId });
      return video;
    };
    const addAttempt = async (videoId: string, releasedAt: Date | null) => {
      const presentationId = Bun.randomUUIDv7();
      const [job] = await database.queries
        .insert(jobs)
        .values({ videoId, bucket: "uploads", objectKey: videoId, status: "running", attempt: 1 })
        .returning();
      await database.queries.insert(attempts).values({
        jobId: job?.id ?? "",
        number: 1,
        presentationId,
        leaseExpiresAt: new Date(),
        releasedAt,
      });
      await writeLate(videoId, `${presentationId}/manifest.mpd`);
    };

    test("deleting a video removes every object and row but the tombstone, which says nothing", async () => {
      const video = await uploaded();
      await addAttempt(video.id, new Date());
      await deleteVideo(context(), { videoId: video.id, ownerId });
      expect(await filesLeft()).toEqual([]);
      expect(await database.queries.$count(jobs)).toBe(0);
      expect(await database.queries.$count(uploads)).toBe(0);
      expect(await findVideo(database.queries, video.id)).toMatchObject({
        status: "deleted",
        title: "",
      });
      expect(await codeOf(deleteVideo(context(), { videoId: video.id, ownerId }))).toBe(
        "video_not_found",
      );
    });

    test("what a transcoder writes while it is being stopped goes too, once it has ended", async () => {
      const video = await uploaded();
      await addAttempt(video.id, null);
      await deleteVideo(context(), { videoId: video.id, ownerId });
      const [job] = await database.queries.select().from(jobs);
      expect(job?.status).toBe("cancelled");
      await writeLate(video.id, "p/late.m4s");
      await purgeDeletedVideos(context());
      expect(await database.queries.$count(jobs)).toBe(1);
      await writeLate(video.id, "p/later.m4s");
      await database.queries.update(attempts).set({ releasedAt: new Date() });
      await purgeDeletedVideos(context());
      expect(await filesLeft()).toEqual([]);
      expect(await database.queries.$count(jobs)).toBe(0);
    });

    test("another user's video cannot be deleted", async () => {
      const video = await uploaded();
      const other = await addUser("grace@example.org");
      expect(await codeOf(deleteVideo(context(), { videoId: video.id, ownerId: other }))).toBe(
        "video_not_found",
      );
      expect((await findVideo(database.queries, video.id))?.status).toBe("queued");
    });

    test("the end of an account takes all its videos", async () => {
      await uploaded();
      await start();
      await deleteVideosOf(context(), ownerId);
      expect(await filesLeft()).toEqual([]);
      expect(await database.queries.$count(videos, eq(videos.status, "deleted"))).toBe(2);
    });

    test("the end of an account waits for a transcoder that still writes", async () => {
      const video = await uploaded();
      await addAttempt(video.id, null);
      const deletion = deleteVideosOf(context(), ownerId);
      const over = deletion.then(() => "over");
      expect(await Promise.race([over, Bun.sleep(300)])).toBeUndefined();
      await writeLate(video.id, "p/late.m4s");
      await database.queries.update(attempts).set({ releasedAt: new Date() });
      await deletion;
      expect(await filesLeft()).toEqual([]);
      expect(await database.queries.$count(jobs)).toBe(0);
    });
  });
};
