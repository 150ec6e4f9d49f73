/** Executable 1: accounts, uploads, videos, playback and the page. Settings come from the environment. */
import { EXIT_CONFIG, EXIT_OK, readServiceCommand } from "./command-line.ts";
import { type ApiConfig, ConfigError, loadApiConfig } from "./config.ts";
import { DataFolderError } from "./db/data-folder.ts";
import { SluiceError } from "./errors.ts";
import { checkTranscoder } from "./launcher/transcoder-command.ts";
import { migrate } from "./migrate.ts";
import { serve } from "./serve.ts";

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
    const config = await usableConfig();
    if (command.check) {
      console.log("api: all settings are usable.");
      return EXIT_OK;
    }
    return await (command.command === "migrate" ? migrate(config) : serve(config, process.env));
  } catch (thrown) {
    if (
      thrown instanceof ConfigError ||
      thrown instanceof DataFolderError ||
      thrown instanceof SluiceError
    ) {
      console.error(`api: ${thrown.message}`);
      return EXIT_CONFIG;
    }
    throw thrown;
  }
};

/** @throws ConfigError, or SluiceError `transcoder_missing` where this process would start transcoders */
const usableConfig = async (): Promise<ApiConfig> => {
  const config = loadApiConfig(process.env);
  if (config.embedded) {
    await checkTranscoder(config);
  }
  return config;
};

process.exit(await main());
