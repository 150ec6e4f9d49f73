/** Executable 2: takes upload events from the queue and runs transcoders. Settings come from the environment. */
import { EXIT_CONFIG, EXIT_OK, EXIT_SOFTWARE, readServiceCommand } from "./command-line.ts";
import { type ConsumerConfig, loadConsumerConfig, type ServerSettings } from "./config.ts";
import { openPostgres } from "./db/postgres.ts";
import { askHealth, readinessUrl } from "./health-check.ts";
import { serveHealth } from "./health-server.ts";
import { deriveKeys } from "./keys.ts";
import { openLauncher } from "./launcher/index.ts";
import { checkTranscoder } from "./launcher/transcoder-command.ts";
import { createLog } from "./log.ts";
import { openQueue, openTaskEventQueue } from "./queue/index.ts";
import { withSecretFiles } from "./settings/secrets.ts";
import { exitWhenAskedToStop, shutDown, untilAskedToStop } from "./shutdown.ts";
import { openStorage } from "./storage/index.ts";
import { version } from "./version.ts";
import { runConsumer } from "./videos/work.ts";

const HELP = `
Usage: consumer [options]

Takes upload events from the queue, runs a transcoder for each and looks after them.
Needs a PostgreSQL server (DATABASE_URL) that the api has migrated; with the embedded
database the api does this work itself. All settings are environment variables.

Options:
  --check        check all settings, then exit
  --health       ask the consumer that runs on this machine with the same HEALTH_PORT
                 whether it is ready, for container engines: 0 when it is, else 69
  -V, --version  print the version
  -h, --help     print this help
`;

const main = async (): Promise<number> => {
  const command = readServiceCommand({
    argv: process.argv.slice(2),
    name: "consumer",
    help: HELP,
    commands: ["run"],
  });
  if (command.kind === "answered") {
    return command.exitCode;
  }
  let config: ConsumerConfig & ServerSettings;
  try {
    config = loadConsumerConfig(withSecretFiles(process.env));
    if (command.health) {
      return await askHealth("consumer", readinessUrl("127.0.0.1", config.HEALTH_PORT));
    }
    await checkTranscoder(config);
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    return EXIT_CONFIG;
  }
  if (command.check) {
    console.log("consumer: all settings are usable.");
    return EXIT_OK;
  }
  return await run(config);
};

const run = async (config: ConsumerConfig & ServerSettings): Promise<number> => {
  const log = createLog("consumer", config.LOG_LEVEL);
  const database = openPostgres(config.DATABASE_URL, {
    maxConnections: config.DATABASE_CONNECTIONS,
  });
  const keys = deriveKeys(config.SLUICE_SECRET);
  const queue = openQueue(config, database, log);
  const taskEventQueue = openTaskEventQueue(config, log);
  const launcher = openLauncher(config, { environment: process.env, log });
  const { storage } = await openStorage(config, keys);
  const stop = new AbortController();
  const consumer = { database, queue, taskEventQueue, launcher, storage, keys, log, config };
  const running = runConsumer({
    ...consumer,
    atEnd: endsWithItsChildren(config) ? "stop" : "leave",
    signal: stop.signal,
  });
  const stopHealth = serveHealth({
    port: config.HEALTH_PORT,
    check: () => database.ping(),
    log,
  });
  log.info({ version, capacity: launcher.capacity }, "consumer started");

  await untilAskedToStop(log);
  const clean = await shutDown(log, [
    {
      name: "consumer",
      run: () => {
        stop.abort();
        return running;
      },
    },
    { name: "health", run: stopHealth },
    { name: "launcher", run: () => launcher.close() },
    { name: "queues", run: () => Promise.all([queue.close(), taskEventQueue?.close()]) },
    { name: "database", run: () => database.close() },
  ]);
  log.info("consumer stopped");
  return clean ? EXIT_OK : EXIT_SOFTWARE;
};

/** As process 1 of a container, this one takes its transcoders with it when it ends. */
const endsWithItsChildren = ({ LAUNCHER }: ConsumerConfig): boolean =>
  LAUNCHER === "process" && process.pid === 1;

exitWhenAskedToStop();
process.exit(await main());
