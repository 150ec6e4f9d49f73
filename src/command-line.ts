import { parseArgs } from "node:util";
import { commit, version } from "./version.ts";

/** Exit codes of api and consumer, after sysexits.h. */
export const EXIT_OK = 0;
export const EXIT_USAGE = 64;
export const EXIT_UNAVAILABLE = 69;
export const EXIT_SOFTWARE = 70;
export const EXIT_CONFIG = 78;

export type ServiceCommand =
  | {
      readonly kind: "run";
      readonly command: string;
      /** Check the settings instead. */
      readonly check: boolean;
      /** Ask the running service how it is instead. */
      readonly health: boolean;
    }
  | { readonly kind: "answered"; readonly exitCode: number };

/**
 * Reads the command line that api and consumer share, and answers `--help`, `--version` and usage
 * errors itself.
 * @param options.commands allowed first words; the first one is the default
 */
export const readServiceCommand = (options: {
  argv: readonly string[];
  name: string;
  help: string;
  commands: readonly [string, ...string[]];
}): ServiceCommand => {
  const usageError = (message: string): ServiceCommand => {
    console.error(`${options.name}: ${message}\nRun '${options.name} --help' for what it takes.`);
    return { kind: "answered", exitCode: EXIT_USAGE };
  };
  const parsed = parse(options.argv);
  if (typeof parsed === "string") {
    return usageError(parsed);
  }
  if (parsed.values.help) {
    console.log(options.help.trim());
    return { kind: "answered", exitCode: EXIT_OK };
  }
  if (parsed.values.version) {
    console.log(`${options.name} ${version} (${commit})`);
    return { kind: "answered", exitCode: EXIT_OK };
  }
  const [command = options.commands[0], ...rest] = parsed.positionals;
  if (rest.length > 0 || !options.commands.includes(command)) {
    return usageError(`unknown command '${parsed.positionals.join(" ")}'.`);
  }
  const { check = false, health = false } = parsed.values;
  if (health && (check || command !== options.commands[0])) {
    return usageError("--health stands alone: it asks the service that runs.");
  }
  return { kind: "run", command, check, health };
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
        check: { type: "boolean" },
        health: { type: "boolean" },
      },
    });
  } catch (thrown) {
    return (thrown as Error).message;
  }
};
