/** Executable 1: accounts, uploads, videos, playback and the page. Settings come from the environment. */
import { EXIT_CONFIG, EXIT_OK, readServiceCommand } from "./command-line.ts";
import { type ApiConfig, ConfigError, loadApiConfig } from "./config.ts";
import { DataFolderError } from "./db/data-folder.ts";
import { SluiceError } from "./errors.ts";
import { askHealth, readinessUrl } from "./health-check.ts";
import { checkTranscoder } from "./launcher/transcoder-command.ts";
import { migrate } from "./migrate.ts";
import { serve } from "./serve.ts";
import { UnreadableSecretError, withSecretFiles } from "./settings/secrets.ts";
import { exitWhenAskedToStop } from "./shutdown.ts";
import { builtForImage } from "./version.ts";

const HELP = `
Usage: api [serve] [options]
       api migrate [options]

serve    serves the page and the API (default). Without any setting everything runs on
         this machine: http://127.0.0.1:3000, data in ./data
migrate  brings the PostgreSQL database of DATABASE_URL up to date, then exits; the
         embedded database is brought up to date at each start

All settings are environment variables; .env.example lists them.

Options:
  --check        check all settings, then exit
  --health       ask the api that runs on this machine with the same settings whether it
                 is ready, for container engines: 0 when it is, else 69
  -V, --version  print the version
  -h, --help     print this help
`;

const main = async (): Promise<number> => {
  const command = readServiceCommand({
    argv: process.argv.slice(2),
    name: "api",
    help: HELP,
    commands: ["serve", "migrate"],
  });
  if (command.kind === "answered") {
    return command.exitCode;
  }
  try {
    const environment = withSecretFiles(process.env);
    if (command.health) {
      const { HOST, PORT } = loadApiConfig(environment);
      return await askHealth("api", readinessUrl(HOST, PORT));
    }
    const config = await usableConfig(environment);
    if (command.check) {
      console.log("api: all settings are usable.");
      return EXIT_OK;
    }
    return await (command.command === "migrate" ? migrate(config) : serve(config, environment));
  } catch (thrown) {
    if (
      thrown instanceof ConfigError ||
      thrown instanceof DataFolderError ||
      thrown instanceof UnreadableSecretError ||
      thrown instanceof SluiceError
    ) {
      console.error(`api: ${thrown.message}`);
      return EXIT_CONFIG;
    }
    throw thrown;
  }
};

/** @throws ConfigError, or SluiceError `transcoder_missing` where this process would start transcoders */
const usableConfig = async (
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ApiConfig> => {
  const config = loadApiConfig(environment);
  if (config.embedded && builtForImage) {
    throw new ConfigError([
      "DATABASE_URL: required in a container image, which has no embedded database.",
    ]);
  }
  if (config.embedded) {
    await checkTranscoder(config);
  }
  return config;
};

exitWhenAskedToStop();
process.exit(await main());
