import { isConnectionFailure } from "../db/connection-failure.ts";
import type { Database } from "../db/index.ts";
import type { Keys } from "../keys.ts";
import type { Launcher } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import type { Queue, QueueMessage } from "../queue/index.ts";
import type { Storage } from "../storage/index.ts";
import { createWakeUp, type WakeUp } from "../wake-up.ts";
import { dispatchMessage } from "./dispatch.ts";
import { dispatchTogether } from "./dispatch-together.ts";
import { videoChores } from "./housekeeping.ts";
import { JOBS_CHANNEL } from "./job.ts";
import { launchPending, nextLaunchInMs } from "./launch.ts";
import { createLaunchPause } from "./launch-pause.ts";
import { receiveMessages } from "./receive.ts";
import { attemptExited, createStopper, handBackAttempts, recoverAttempts } from "./recover.ts";

/** What the consumer works with; the api hands over its own when it runs embedded. */
export type Consumer = {
  readonly database: Database;
  readonly queue: Queue;
  /** Where the launcher's platform tells of its tasks; null where that is the same queue, or none. */
  readonly taskEventQueue: Queue | null;
  readonly launcher: Launcher;
  readonly storage: Storage;
  readonly keys: Keys;
  readonly log: Log;
  readonly config: {
    readonly MAX_ATTEMPTS: number;
    readonly LEASE_SECONDS: number;
    /** What S3's events call the bucket of uploads; unset where uploads do not lie there. */
    readonly UPLOADS_BUCKET?: string | undefined;
    /** Whose end is the task's; unset where transcoders are no tasks. */
    readonly ECS_CONTAINER_NAME?: string | undefined;
  };
  /**
   * What becomes of running transcoders at the end. `leave`: they go on and report to the api.
   * `stop`: nobody would take their reports; their jobs wait for the next start.
   */
  readonly atEnd: "leave" | "stop";
  /** Ends the consumer. */
  readonly signal: AbortSignal;
};

/** Orphaned processes and lapsed leases are looked for so often; everything else wakes the loop. */
const LOOK_AGAIN_MS = 5_000;
const CHORES_EVERY_MS = 60_000;
/** A broken database is not hammered. */
const AFTER_ERROR_MS = 1_000;

/** Receives, launches, recovers and cleans up until `signal` aborts; then drains. */
export const runConsumer = async (consumer: Consumer): Promise<void> => {
  const { database, launcher, log, signal } = consumer;
  const context = {
    ...consumer,
    maxAttempts: consumer.config.MAX_ATTEMPTS,
    leaseSeconds: consumer.config.LEASE_SECONDS,
  };
  const stopper = createStopper(context);
  const queues = [consumer.queue, consumer.taskEventQueue].filter((queue) => queue !== null);
  const wakeUp = createWakeUp();
  launcher.onExit((exit) => {
    log.info({ ...exit }, "transcoder ended");
    attemptExited(context, exit)
      // The next look at unreleased attempts finds it too.
      .catch((error) => log.error({ err: error, ...exit }, "an exit could not be settled"))
      .finally(wakeUp.wake);
  });
  const stopListening = await database.listen(JOBS_CHANNEL, wakeUp.wake).catch((error) => {
    log.warn({ err: error }, "no notifications from the database; polling");
    return async () => {};
  });

  const dispatch = dispatchTogether(database);
  const handle = async (queue: Queue, message: QueueMessage) => {
    const outcomes = await dispatchMessage(
      {
        dispatch,
        log,
        queue,
        names: {
          uploadsBucket: consumer.config.UPLOADS_BUCKET ?? null,
          containerName: consumer.config.ECS_CONTAINER_NAME ?? "",
        },
        transcoderEnded: (exit) => attemptExited(context, exit),
      },
      message,
    );
    if (outcomes.some(({ kind }) => kind === "job-created" || kind === "attempt-settled")) {
      wakeUp.wake();
    }
  };
  let databaseWasAwayAtMs = Number.NEGATIVE_INFINITY;
  /** While the database was away no report could be written down: all get two leases' time to send another. */
  const forgiveSilence = () =>
    performance.now() - databaseWasAwayAtMs < 2 * context.leaseSeconds * 1000;
  const pause = createLaunchPause();
  const work = async () => {
    try {
      await recoverAttempts(context, stopper, { forgiveSilence: forgiveSilence() });
      if (!pause.isOn(performance.now())) {
        pause.after(await launchPending(context, signal), performance.now());
      }
      const dueInMs = await nextLaunchInMs(database.queries);
      // A job that is due but found no place waits for an exit, which wakes the loop.
      return dueInMs ? Math.min(dueInMs, LOOK_AGAIN_MS) : LOOK_AGAIN_MS;
    } catch (error) {
      if (isConnectionFailure(error)) {
        databaseWasAwayAtMs = performance.now();
      }
      throw error;
    }
  };
  const doChores = async () => {
    for (const chore of videoChores(consumer)) {
      await chore
        .run()
        .catch((error) => log.error({ err: error, chore: chore.name }, "a chore failed"));
    }
    return CHORES_EVERY_MS;
  };

  await Promise.all([
    ...queues.map((queue) =>
      receiveMessages({ queue, handle: (message) => handle(queue, message), log, signal }),
    ),
    repeat({ name: "launch and recover", round: work, wakeUp, log, signal }),
    repeat({ name: "chores", round: doChores, wakeUp: createWakeUp(), log, signal }),
  ]);
  await stopListening().catch(() => {});
  if (consumer.atEnd === "stop") {
    await handBackAttempts(context, stopper);
  }
};

/** Runs rounds until `signal` aborts; a round says in how many milliseconds the next one is due. */
const repeat = async ({
  name,
  round,
  wakeUp,
  log,
  signal,
}: {
  name: string;
  round: () => Promise<number>;
  wakeUp: WakeUp;
  log: Log;
  signal: AbortSignal;
}): Promise<void> => {
  while (!signal.aborted) {
    // Armed before the round, so that what happens during it leads to another one.
    const woken = wakeUp.next();
    const pauseMs = await round().catch((error) => {
      log.error({ err: error, round: name }, "a round of the consumer failed");
      return null;
    });
    if (pauseMs === null) {
      await createWakeUp().next().within(AFTER_ERROR_MS, signal);
    } else if (pauseMs > 0) {
      await woken.within(pauseMs, signal);
    }
  }
};
