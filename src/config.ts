import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { FormatRegistry } from "@sinclair/typebox/type";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { awsSettings } from "./settings/aws.ts";
import { databaseSettings } from "./settings/database.ts";
import { deliveryProblems, deliverySettings } from "./settings/delivery.ts";
import { healthSettings } from "./settings/health.ts";
import { identitySettings } from "./settings/identity.ts";
import { jobSettings } from "./settings/job.ts";
import { launcherSettings } from "./settings/launcher.ts";
import { unmetNeeds } from "./settings/needs.ts";
import { queueSettings } from "./settings/queue.ts";
import { SECRET_SETTINGS } from "./settings/secrets.ts";
import { processSettings, serverSettings } from "./settings/server.ts";
import { storageProblems, storageSettings, uploadSettings } from "./settings/storage.ts";
import { transcoderRoleSettings } from "./settings/transcoder-role.ts";

if (!FormatRegistry.Has("url")) {
  FormatRegistry.Set("url", (value) => URL.canParse(value));
}

/** Settings that api and consumer share. Every one is an environment variable; `.env.example` is checked against this. */
const shared = {
  ...storageSettings,
  ...databaseSettings,
  ...processSettings,
  ...awsSettings,
  ...queueSettings,
  ...launcherSettings,
  ...jobSettings,
};

const apiOnly = {
  ...serverSettings,
  ...identitySettings,
  ...uploadSettings,
  ...deliverySettings,
  ...transcoderRoleSettings,
};

export const ApiSettings = Type.Object({ ...shared, ...apiOnly });
const consumerOnly = { ...healthSettings };

export const ConsumerSettings = Type.Object({ ...shared, ...consumerOnly });

/** Settings as read, plus what follows from them. */
type Derived = {
  /** Absolute. */
  readonly dataDir: string;
  /** Whether everything runs in this one process on the embedded database. */
  readonly embedded: boolean;
  /** Base URL, no trailing slash. */
  readonly internalUrl: string;
  readonly transcodeConcurrency: number;
};
export type ConsumerConfig = Readonly<Static<typeof ConsumerSettings>> & Derived;
/** What must be set wherever several processes share one database. */
export type ServerSettings = { readonly DATABASE_URL: string; readonly SLUICE_SECRET: string };
export type ApiConfig = Readonly<Static<typeof ApiSettings>> &
  Derived & {
    /** Base URL, no trailing slash. */
    readonly publicUrl: string;
  };

/** All that is wrong with the settings, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`These settings are not usable:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Listening there, the server is reached under that very name; anywhere else nobody can know but the operator. */
const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost", "::1"]);

/** @throws ConfigError naming every problem at once */
export const loadApiConfig = (env: Environment): ApiConfig => {
  const settings = read(ApiSettings, env, deliveryProblems);
  if (settings.PUBLIC_URL === undefined && !LOOPBACK_HOSTS.has(settings.HOST)) {
    throw new ConfigError([
      `PUBLIC_URL: required when HOST is ${settings.HOST}; set it to the address that people type, for example http://video.example.org:${settings.PORT}.`,
    ]);
  }
  return {
    ...settings,
    ...derive(settings),
    publicUrl: withoutSlash(settings.PUBLIC_URL ?? ownUrl(settings)),
  };
};

/** @throws ConfigError naming every problem at once; the consumer by itself needs a PostgreSQL server */
export const loadConsumerConfig = (env: Environment): ConsumerConfig & ServerSettings => {
  const settings = read(ConsumerSettings, env, ({ DATABASE_URL }) =>
    DATABASE_URL === undefined ? [NEEDS_SERVER] : [],
  );
  const { DATABASE_URL, SLUICE_SECRET } = settings;
  if (DATABASE_URL === undefined || SLUICE_SECRET === undefined) {
    throw new ConfigError([NEEDS_SERVER]);
  }
  return { ...settings, DATABASE_URL, SLUICE_SECRET, ...derive(settings) };
};

const NEEDS_SERVER =
  "DATABASE_URL is required: with the embedded database the api does the consumer's work itself.";

/** @param alsoWrong problems that only this process has with the settings */
const read = <T extends typeof ApiSettings | typeof ConsumerSettings>(
  schema: T,
  env: Environment,
  alsoWrong: (settings: Static<T>) => readonly string[] = () => [],
): Static<T> => {
  const given = Object.fromEntries(
    // An empty value means "not set", as compose files write it.
    Object.keys(schema.properties).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const settings = Value.Convert(schema, Value.Default(schema, given));
  const problems = [...Value.Errors(schema, settings)].map(
    (error) =>
      `${error.path.slice(1)}: ${expectation(error)}${shown(error.path.slice(1), error.value)}.`,
  );
  const parsed = settings as Static<T>;
  problems.push(
    ...unmetNeeds(parsed, Object.keys(schema.properties)),
    ...storageProblems(parsed),
    ...alsoWrong(parsed),
  );
  if (problems.length > 0) {
    throw new ConfigError([...new Set(problems)]);
  }
  return parsed;
};

/** TypeBox says of a choice only that it is one; whoever mistyped it wants to see the values. */
const expectation = ({ schema, message }: ValueError): string => {
  const choices: unknown = schema.anyOf;
  return Array.isArray(choices)
    ? `Expected one of ${choices.map((choice) => choice.const).join(", ")}`
    : message;
};

const shown = (name: string, value: unknown): string =>
  SECRET_SETTINGS.has(name) ? "" : ` (is ${JSON.stringify(value)})`;

const derive = (settings: Omit<Static<typeof ConsumerSettings>, "HEALTH_PORT">): Derived => ({
  dataDir: resolve(settings.DATA_DIR),
  embedded: settings.DATABASE_URL === undefined,
  internalUrl: withoutSlash(settings.INTERNAL_URL ?? `http://127.0.0.1:${settings.INTERNAL_PORT}`),
  transcodeConcurrency:
    settings.TRANSCODE_CONCURRENCY || Math.max(1, Math.floor(availableParallelism() / 2)),
});

/** IPv6 addresses stand in brackets (RFC 3986, section 3.2.2). */
const ownUrl = ({ HOST, PORT }: { HOST: string; PORT: number }): string =>
  `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`;

const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** The text of `.env.example`: every setting with its description and default, all commented out. */
export const environmentExample = (): string => {
  const paragraphs = Object.entries({
    ...ApiSettings.properties,
    ...ConsumerSettings.properties,
  }).map(([name, schema]) => {
    const { description = "", default: value } = schema as {
      description?: string;
      default?: unknown;
    };
    const whose = name in shared ? "" : name in consumerOnly ? " (consumer only)" : " (api only)";
    return `# ${description}${whose}\n# ${name}=${value ?? ""}\n`;
  });
  return `# Settings of Sluice. None is required: without any, everything runs on this machine.\n# \`api --check\` and \`consumer --check\` validate them and report every problem at once.\n# Secrets can come from files: ${[...SECRET_SETTINGS].map((name) => `${name}_FILE`).join(", ")}.\n\n${paragraphs.join("\n")}`;
};
