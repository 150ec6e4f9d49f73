import type { AnyElysia } from "elysia";
import { EXIT_OK, EXIT_SOFTWARE, EXIT_UNAVAILABLE } from "./command-line.ts";
import { type ApiConfig, ConfigError } from "./config.ts";
import { openDataFolder } from "./db/data-folder.ts";
import type { Database } from "./db/index.ts";
import { openDatabase } from "./db/open.ts";
import { createApp } from "./http/app.ts";
import { mediaOrigin } from "./http/media-delivery.ts";
import { createMetrics } from "./http/metrics.ts";
import { internalRoutes, publicRoutes } from "./http/routes.ts";
import { openIdentity } from "./identity/index.ts";
import { deriveKeys, secretInDataFolder } from "./keys.ts";
import { confinementState } from "./launcher/confinement.ts";
import { openLauncher } from "./launcher/index.ts";
import { createLog, type Log } from "./log.ts";
import { openMailer } from "./mail/index.ts";
import { openOutbox } from "./mail/outbox.ts";
import { openQueue, openTaskEventQueue } from "./queue/index.ts";
import { type ShutdownStep, shutDown, untilAskedToStop } from "./shutdown.ts";
import { openJobKeys } from "./storage/assumed-role.ts";
import { openStorage } from "./storage/index.ts";
import { version } from "./version.ts";
import { openVideoChanges } from "./videos/changes.ts";
import { countJobs } from "./videos/progress.ts";
import { runConsumer } from "./videos/work.ts";
import { bundlePage } from "./web/bundle.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The longest body is one part of an upload; routes limit theirs further. */
const MAX_BODY_BYTES = 600 * 1024 ** 2;
/** At the end, a mail server that is away must not keep the database from closing. */
const MAIL_DRAIN_MS = 3_000;
/** A connection on which nothing moves for so long is closed; slow uploads do move. */
const IDLE_SECONDS = 120;

/**
 * `api serve`: opens the adapters that the settings name, wires them, and serves until asked to stop.
 * @returns the exit code
 * @throws ConfigError, DataFolderError or SluiceError for what the operator can mend
 */
export const serve = async (config: ApiConfig, environment: Environment): Promise<number> => {
  const log = createLog("api", config.LOG_LEVEL);
  const releaseDataFolder = config.embedded ? await openDataFolder(config.dataDir) : () => {};
  const secret = config.SLUICE_SECRET ?? (await secretInDataFolder(config.dataDir));
  const keys = deriveKeys(secret);
  const database = await openDatabase(config);
  await prepareSchema(database, config);

  const { storage, partReceiver, uploadOrigin } = await openStorage(config, keys);
  const queue = openQueue(config, database, log);
  const mailer = openMailer(config);
  const outbox = openOutbox(mailer, log);
  const identity = await openIdentity(config, { database, keys, outbox, log });
  const changes = openVideoChanges(database);
  const metrics = createMetrics(() => countJobs(database.queries));
  const parts = {
    config,
    log,
    keys,
    database,
    storage,
    partReceiver,
    jobKeys: openJobKeys(config),
    queue,
    identity,
    changes,
    metrics,
    confinement:
      config.LAUNCHER === "process"
        ? confinementState(config.TRANSCODER_CONFINEMENT).summary
        : "elsewhere",
    mailKind: mailer.kind,
  };

  const otherOrigins = { upload: uploadOrigin, media: mediaOrigin(config) };
  const frame = { log, metrics, publicUrl: config.publicUrl, otherOrigins };
  const app = createApp(frame, publicRoutes(parts, await bundlePage()));
  const internalApp = createApp(frame, internalRoutes(parts));
  const stopConsumer = new AbortController();
  const steps: ShutdownStep[] = [
    { name: "changes", run: () => changes.close() },
    { name: "mail", run: () => outbox.drain(MAIL_DRAIN_MS).then(() => mailer.close()) },
    { name: "queue", run: () => queue.close() },
    { name: "database", run: () => database.close() },
    { name: "data folder", run: releaseDataFolder },
  ];
  const internalPort = listen(internalApp, log, {
    hostname: config.INTERNAL_HOST,
    port: config.INTERNAL_PORT,
    settings: "INTERNAL_HOST and INTERNAL_PORT",
  });
  const port =
    internalPort !== null &&
    listen(app, log, { hostname: config.HOST, port: config.PORT, settings: "HOST and PORT" });
  if (!port) {
    await shutDown(log, steps);
    return EXIT_UNAVAILABLE;
  }
  const consumer = config.embedded
    ? startConsumer()
    : { finished: Promise.resolve(), close: async () => [] };
  log.info(
    { version, url: config.publicUrl, database: database.kind, data: config.dataDir },
    `Sluice is ready at ${config.publicUrl}`,
  );

  await untilAskedToStop(log);
  const clean = await shutDown(log, [
    // Transcoders hand back their jobs while the internal port still listens.
    {
      name: "consumer",
      run: () => {
        stopConsumer.abort();
        return consumer.finished;
      },
    },
    { name: "launcher", run: () => consumer.close() },
    { name: "http", run: () => app.stop(true) },
    { name: "internal http", run: () => internalApp.stop(true) },
    ...steps,
  ]);
  log.info("stopped");
  return clean ? EXIT_OK : EXIT_SOFTWARE;

  /** With the embedded database there is one process, so the consumer runs in it. */
  function startConsumer() {
    const internalUrl = config.INTERNAL_URL ?? `http://127.0.0.1:${internalPort}`;
    const launcher = openLauncher({ ...config, internalUrl }, { environment, log });
    const taskEventQueue = openTaskEventQueue(config, log);
    const finished = runConsumer({
      database,
      queue,
      taskEventQueue,
      launcher,
      storage,
      keys,
      log,
      config,
      atEnd: "stop",
      signal: stopConsumer.signal,
    });
    return {
      finished,
      close: () => Promise.all([launcher.close(), taskEventQueue?.close()]),
    };
  }
};

/** @throws ConfigError when a PostgreSQL server has still to be migrated */
const prepareSchema = async (database: Database, { embedded }: ApiConfig): Promise<void> => {
  if (embedded) {
    await database.migrate();
    return;
  }
  await database.ping();
  if ((await database.pendingMigrations()) > 0) {
    await database.close();
    throw new ConfigError([
      "DATABASE_URL: this database is not up to date; run `api migrate` first.",
    ]);
  }
};

/** @returns the port it listens on, or null when it cannot (which is logged with what to do) */
const listen = (
  app: AnyElysia,
  log: Log,
  { settings, ...at }: { hostname: string; port: number; settings: string },
): number | null => {
  try {
    app.listen({ ...at, maxRequestBodySize: MAX_BODY_BYTES, idleTimeout: IDLE_SECONDS });
    return app.server?.port ?? null;
  } catch (thrown) {
    log.fatal(
      { err: thrown },
      `cannot listen on ${at.hostname}:${at.port}; is another program using it? Set ${settings} to something else.`,
    );
    return null;
  }
};
