import { eq, inArray } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { jobs, uploads, videos } from "../db/schema.ts";
import type { LaunchExit } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import type { Queue, QueueMessage } from "../queue/index.ts";
import type { QueueEvent } from "../queue/queue-event.ts";
import { type MessageNames, readMessage } from "../queue/read-message.ts";
import { parseSourceKey } from "../storage/keys.ts";
import { publishVideoChanges } from "./changes.ts";
import { wakeConsumer } from "./job.ts";
import type { ObjectCreated } from "./job-message.ts";
import { transitionVideos } from "./video.ts";

/** What an event led to. */
export type Dispatched =
  | { readonly kind: "job-created"; readonly jobId: string }
  | { readonly kind: "duplicate" }
  /** Nothing to do any more, for example because the video was deleted. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** A transcoder's end was settled. */
  | { readonly kind: "attempt-settled" }
  /** Not a message of ours: it will never become one. */
  | { readonly kind: "refused"; readonly reason: string };

export type DispatchContext = {
  /** Makes the job of an uploaded object; see `src/videos/dispatch-together.ts`. */
  readonly dispatch: (object: ObjectCreated) => Promise<Dispatched>;
  readonly queue: Queue;
  readonly log: Log;
  readonly names: MessageNames;
  /** Settles an attempt whose transcoder ended. */
  readonly transcoderEnded: (exit: LaunchExit) => Promise<void>;
};

/**
 * Handles all that one message tells. It leaves the queue only when every event of it is committed,
 * so a crash in between repeats it, which changes nothing. A message with a part that nobody
 * understands goes to the dead letters with the reason, after its other parts were handled.
 */
export const dispatchMessage = async (
  context: DispatchContext,
  message: QueueMessage,
): Promise<Dispatched[]> => {
  const { queue, log, names } = context;
  const { events, refusals } = readMessage(message.body, names);
  const outcomes: Dispatched[] = refusals.map((reason) => ({ kind: "refused", reason }));
  for (const event of events) {
    outcomes.push(await dispatchEvent(context, event));
  }
  const reasons = outcomes.flatMap((outcome) =>
    outcome.kind === "refused" ? [outcome.reason] : [],
  );
  for (const outcome of outcomes) {
    log.info({ messageId: message.id, ...outcome }, "queue message handled");
  }
  if (reasons.length === 0) {
    await queue.delete(message);
  } else {
    const reason = reasons.join("; ").slice(0, MAX_REASON_CHARS);
    log.error({ messageId: message.id, reason }, "a queue message was refused");
    await queue.deadLetter(message, reason);
  }
  return outcomes;
};

/** A message of hundreds of bad records needs no reason for each. */
const MAX_REASON_CHARS = 2_000;

const dispatchEvent = async (context: DispatchContext, event: QueueEvent): Promise<Dispatched> => {
  switch (event.kind) {
    case "object-created":
      return await context.dispatch(event.object);
    case "transcoder-ended":
      await context.transcoderEnded(event.exit);
      return { kind: "attempt-settled" };
    case "nothing":
      return { kind: "ignored", reason: event.reason };
  }
};

/** Makes the job of an uploaded object, once however often the event comes. */
export const dispatch = async (database: Database, object: ObjectCreated): Promise<Dispatched> => {
  const [outcome] = await dispatchAll(database, [object]);
  if (outcome === undefined) {
    throw new Error("one outcome for each object");
  }
  return outcome;
};

/**
 * The same for many objects in one transaction, with as many statements as for one. An object that is
 * named twice makes one job.
 * @returns the outcomes in the objects' order
 */
export const dispatchAll = async (
  database: Database,
  objects: readonly ObjectCreated[],
): Promise<Dispatched[]> => {
  const sources = objects.filter(isSource);
  if (sources.length === 0) {
    return objects.map(refusalOf);
  }
  return await database.queries.transaction(async (tx) => {
    const found = await tx
      .select({ key: uploads.objectKey, videoId: uploads.videoId, status: videos.status })
      .from(uploads)
      .innerJoin(videos, eq(videos.id, uploads.videoId))
      .where(
        inArray(
          uploads.objectKey,
          sources.map(({ key }) => key),
        ),
      );
    const uploadOf = new Map(found.map((upload) => [upload.key, upload]));
    const wanted = sources.filter(
      ({ key }) => (uploadOf.get(key)?.status ?? "deleted") !== "deleted",
    );
    const made = await insertJobs(
      tx,
      wanted.map((object) => ({ ...object, videoId: uploadOf.get(object.key)?.videoId ?? "" })),
    );
    const madeFor = new Map(made.map((job) => [identityOf(job.objectKey, job.objectVersion), job]));
    return objects.map((object): Dispatched => {
      if (!isSource(object)) {
        return refusalOf(object);
      }
      const upload = uploadOf.get(object.key);
      if (upload === undefined) {
        return { kind: "ignored", reason: "there is no such video" };
      }
      if (upload.status === "deleted") {
        return { kind: "ignored", reason: "the video was deleted" };
      }
      const identity = identityOf(object.key, object.objectVersion);
      const job = madeFor.get(identity);
      madeFor.delete(identity);
      return job === undefined ? { kind: "duplicate" } : { kind: "job-created", jobId: job.id };
    });
  });
};

const isSource = ({ bucket, key }: ObjectCreated): boolean =>
  bucket === "uploads" && parseSourceKey(key) !== null;

const refusalOf = ({ bucket, key }: ObjectCreated): Dispatched => ({
  kind: "refused",
  reason: `${bucket}/${key} is not an uploaded source`,
});

const identityOf = (key: string, version: string | null): string => JSON.stringify([key, version]);

type NewJob = Pick<ObjectCreated, "bucket" | "key" | "objectVersion"> & {
  readonly videoId: string;
};

/** The jobs that did not exist before; their videos are moved on and everybody concerned is told. */
const insertJobs = async (tx: Queries, wanted: readonly NewJob[]) => {
  if (wanted.length === 0) {
    return [];
  }
  // One order for all who insert, so that two consumers with the same events wait but never for each other.
  const ordered = wanted.toSorted((a, b) =>
    identityOf(a.key, a.objectVersion) < identityOf(b.key, b.objectVersion) ? -1 : 1,
  );
  const made = await tx
    .insert(jobs)
    .values(
      ordered.map(({ videoId, bucket, key, objectVersion }) => ({
        videoId,
        bucket,
        objectKey: key,
        objectVersion,
      })),
    )
    .onConflictDoNothing()
    .returning({
      id: jobs.id,
      videoId: jobs.videoId,
      objectKey: jobs.objectKey,
      objectVersion: jobs.objectVersion,
    });
  if (made.length > 0) {
    const videoIds = made.map(({ videoId }) => videoId);
    // The event may come before the answer to `complete`; whoever is first moves the video on.
    await transitionVideos(tx, { videoIds, transition: "uploaded" });
    await publishVideoChanges(tx, videoIds);
    await wakeConsumer(tx);
  }
  return made;
};
