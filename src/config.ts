import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { FormatRegistry } from "@sinclair/typebox/type";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { CONFINEMENT_MODES } from "./confinement/support.ts";
import { DEFAULT_LOUDNESS_LUFS, LOUDNESS_PATTERN } from "./loudness.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

if (!FormatRegistry.Has("url")) {
  FormatRegistry.Set("url", (value) => URL.canParse(value));
}

const oneOf = <const T extends string>(values: readonly T[], options: object) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );

/** Settings that api and consumer share. Every one is an environment variable; `.env.example` is checked against this. */
const shared = {
  DATA_DIR: Type.String({
    default: "./data",
    minLength: 1,
    description: "Folder for the embedded database, keys, uploads and media (made with mode 0700).",
  }),
  DATABASE_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^postgres(ql)?://",
      description:
        "PostgreSQL server, for example postgres://user:password@host:5432/sluice. Without it an embedded database in DATA_DIR is used.",
    }),
  ),
  DATABASE_CONNECTIONS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: "Size of the connection pool; PostgreSQL only.",
  }),
  SLUICE_SECRET: Type.Optional(
    Type.String({
      minLength: 32,
      description:
        "At least 32 random characters (openssl rand -hex 32); every signing key is derived from it. Required with DATABASE_URL; otherwise made once and kept in DATA_DIR.",
    }),
  ),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"], {
    default: "info",
    description: "Least severe level that is logged: trace, debug, info, warn, error or silent.",
  }),
  STORAGE: oneOf(["disk"], {
    default: "disk",
    description: "Where uploads and media lie: disk (in DATA_DIR).",
  }),
  QUEUE: oneOf(["postgres"], {
    default: "postgres",
    description: "What carries upload events to the consumer: postgres (a table in the database).",
  }),
  LAUNCHER: oneOf(["process"], {
    default: "process",
    description: "How transcoders are started: process (a child process on this machine).",
  }),
  INTERNAL_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description:
        "Where transcoders reach the api's internal port. Default: http://127.0.0.1:INTERNAL_PORT.",
    }),
  ),
  INTERNAL_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65535,
    description:
      "Port for metrics and for the transcoders' reports; never expose it. 0 takes any free one.",
  }),
  TRANSCODER_PATH: Type.Optional(
    Type.String({
      minLength: 1,
      description: "The transcoder executable. Default: the one beside this executable.",
    }),
  ),
  TRANSCODE_CONCURRENCY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 256,
    description: "Transcodes at once on this machine; 0 means one for every two processors.",
  }),
  TRANSCODER_CONFINEMENT: oneOf(CONFINEMENT_MODES, {
    default: "prefer",
    description:
      "Whether transcoders are shut in by the kernel (Landlock, Linux 6.7 or later) so that they reach their own video alone: prefer (as far as the kernel can, with a warning), require (refuse to start without) or off.",
  }),
  MAX_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 20,
    description: "Tries of one transcode before the video is marked failed.",
  }),
  LEASE_SECONDS: Type.Integer({
    default: 30,
    minimum: 3,
    maximum: 3600,
    description: "A transcoder that reports nothing for so long is given up and tried again.",
  }),
  MAX_DURATION_SECONDS: Type.Integer({
    default: 43_200,
    minimum: 1,
    maximum: 604_800,
    description: "Longest video that is accepted, in seconds.",
  }),
  LOUDNESS: Type.String({
    default: String(DEFAULT_LOUDNESS_LUFS),
    pattern: LOUDNESS_PATTERN,
    description:
      "Loudness that the sound of every video is brought to by one gain, in LUFS (EBU R 128), from -40 to -5; off leaves it as it is.",
  }),
};

const apiOnly = {
  HOST: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    description: "Address to listen on; 0.0.0.0 for all.",
  }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 1,
    maximum: 65535,
    description: "Port of the page and the API.",
  }),
  INTERNAL_HOST: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    description: "Address that the internal port listens on.",
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description:
        "Address that people type, for example https://video.example.org. https makes the cookies Secure. Required unless HOST is this machine alone; then http://HOST:PORT.",
    }),
  ),
  TRUST_PROXY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description:
      "Number of reverse proxies in front whose X-Forwarded-For is believed; 0 takes the connection's address.",
  }),
  IDENTITY: oneOf(["local"], {
    default: "local",
    description: "Who keeps the accounts: local (this server).",
  }),
  SIGN_UP: oneOf(["open", "invitation", "closed"], {
    default: "open",
    description:
      "Who may make an account: open (anyone), invitation or closed. The first account is always allowed and becomes the administrator.",
  }),
  SMTP_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^smtps?://",
      description:
        "Mail server, for example smtps://user:password@mail.example.org. Without it codes are printed and written to DATA_DIR/mail.",
    }),
  ),
  MAIL_FROM: Type.String({
    default: "Sluice <sluice@localhost>",
    minLength: 3,
    description: "Sender of the mails.",
  }),
  SESSION_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 400,
    description: "A session that is not used for so long ends.",
  }),
  MAX_UPLOAD_BYTES: Type.Integer({
    default: 20 * GIB,
    minimum: 1,
    maximum: 5 * 1024 * GIB,
    description: "Largest file that is accepted.",
  }),
  USER_QUOTA_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    description: "Bytes of uploads one account may hold; 0 means no limit.",
  }),
  MIN_FREE_DISK_BYTES: Type.Integer({
    default: GIB,
    minimum: 0,
    description:
      "An upload that would leave less free space than this is refused; disk storage only.",
  }),
  UPLOAD_PART_BYTES: Type.Integer({
    default: 16 * MIB,
    minimum: 5 * MIB,
    maximum: 512 * MIB,
    description: "Size of one part of an upload.",
  }),
  UPLOAD_EXPIRY_HOURS: Type.Integer({
    default: 48,
    minimum: 1,
    maximum: 720,
    description: "An upload that is not completed by then is removed.",
  }),
};

export const ApiSettings = Type.Object({ ...shared, ...apiOnly });
export const ConsumerSettings = Type.Object(shared);

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
  const settings = read(ApiSettings, env);
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
  const settings = read(ConsumerSettings, env);
  const { DATABASE_URL, SLUICE_SECRET } = settings;
  if (DATABASE_URL === undefined || SLUICE_SECRET === undefined) {
    throw new ConfigError([
      "DATABASE_URL is required: with the embedded database the api does the consumer's work itself.",
    ]);
  }
  return { ...settings, DATABASE_URL, SLUICE_SECRET, ...derive(settings) };
};

const read = <T extends typeof ApiSettings | typeof ConsumerSettings>(
  schema: T,
  env: Environment,
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
  if (parsed.DATABASE_URL !== undefined && parsed.SLUICE_SECRET === undefined) {
    problems.push(
      "SLUICE_SECRET: required with DATABASE_URL; make one with `openssl rand -hex 32` and give it to api and consumer.",
    );
  }
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

/** Secrets are not repeated in messages that end in a log. */
const SECRET_SETTINGS = new Set(["SLUICE_SECRET", "DATABASE_URL", "SMTP_URL"]);
const shown = (name: string, value: unknown): string =>
  SECRET_SETTINGS.has(name) ? "" : ` (is ${JSON.stringify(value)})`;

const derive = (settings: Static<typeof ConsumerSettings>): Derived => ({
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
  const paragraphs = Object.entries(ApiSettings.properties).map(([name, schema]) => {
    const { description = "", default: value } = schema as {
      description?: string;
      default?: unknown;
    };
    const whose = name in shared ? "" : " (api only)";
    return `# ${description}${whose}\n# ${name}=${value ?? ""}\n`;
  });
  return `# Settings of Sluice. None is required: without any, everything runs on this machine.\n# \`api --check\` and \`consumer --check\` validate them and report every problem at once.\n\n${paragraphs.join("\n")}`;
};
