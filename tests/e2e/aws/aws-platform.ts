import { type PostgresServer, startPostgresServer } from "../../fixtures/postgres-server.ts";
import { anonymous, type Client, PASSWORD } from "../support/client.ts";
import {
  emptyFolder,
  eventually,
  freePort,
  type Platform,
  type Running,
  run,
  runToEnd,
  startPlatform,
} from "../support/platform.ts";
import { type Account, openAccount } from "./account.ts";

/** The compiled api and consumer on a PostgreSQL server and an emulated AWS account. */
export type AwsPlatform = {
  readonly account: Account;
  readonly postgres: PostgresServer;
  /** The api that runs now; another one after `startApi`. */
  api(): Platform;
  /** On the same ports and data as before. */
  startApi(): Promise<void>;
  readonly consumer: () => Running;
  /** Everything that api and consumer have said. */
  output(): string;
  /** Signs up at Cognito, confirms and logs in, as a program would. */
  signIn(email: string): Promise<Client>;
  stop(): Promise<void>;
};

/** moto takes any code (facts of the emulators stand in `tests/fixtures/aws/EMULATORS.md`). */
export const ANY_CODE = "123456";

export const startAwsPlatform = async (
  changes: Readonly<Record<string, string>> = {},
): Promise<AwsPlatform> => {
  const folder = await emptyFolder();
  const postgres = await startPostgresServer();
  await postgres.createDatabase("sluice");
  const [PORT, INTERNAL_PORT] = [String(await freePort()), String(await freePort())];
  const account = await openAccount({
    pageOrigin: `http://127.0.0.1:${PORT}`,
    folder: folder.path,
  });
  const env = {
    ...account.settings,
    DATABASE_URL: postgres.url("sluice"),
    SLUICE_SECRET: "a secret of at least thirty-two characters",
    PORT,
    INTERNAL_PORT,
    INTERNAL_URL: `http://127.0.0.1:${INTERNAL_PORT}`,
    ...changes,
  };
  const migrated = await runToEnd({ name: "api", args: ["migrate"], cwd: folder.path, env });
  if (migrated.exitCode !== 0) {
    throw new Error(migrated.output);
  }
  let api = await startPlatform({ cwd: folder.path, env });
  let said = "";
  const consumer = run({ name: "consumer", cwd: folder.path, env });
  return {
    account,
    postgres,
    api: () => api,
    startApi: async () => {
      said += api.output();
      api = await startPlatform({ cwd: folder.path, env });
    },
    consumer: () => consumer,
    output: () => `${said}${api.output()}\n--- consumer\n${consumer.output()}`,
    signIn: async (email) => {
      const client = anonymous(api.url);
      const steps: readonly (readonly [path: string, body: object])[] = [
        ["/auth/signup", { email, name: "Ada Lovelace", password: PASSWORD }],
        ["/auth/confirm-signup", { email, code: ANY_CODE }],
        ["/auth/login", { email, password: PASSWORD }],
      ];
      let token = "";
      for (const [path, body] of steps) {
        const answer = await client.request("POST", path, body);
        if (answer.status >= 300) {
          throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        }
        token = String(answer.body.accessToken ?? "");
      }
      return anonymous(api.url, token);
    },
    stop: async () => {
      consumer.process.kill("SIGTERM");
      await consumer.process.exited;
      await api.stop();
      await account.stop();
      await postgres.stop();
      await folder.dispose();
    },
  };
};

/** A video as the API shows it, as far as these tests look. */
export type VideoState = {
  readonly status: string;
  readonly progress: { readonly percent: number } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
};

export const videoState = async (client: Client, videoId: string): Promise<VideoState> =>
  (await client.request("GET", `/videos/${videoId}`)).body as unknown as VideoState;

/** Waits until it can be played. @throws Error with the reason when it failed instead */
export const untilReady = (client: Client, videoId: string, seconds: number): Promise<true> =>
  eventually(
    "the video to be ready",
    async () => {
      const { status, failure } = await videoState(client, videoId);
      if (status === "failed") {
        throw new Error(`it failed: ${failure?.code} ${failure?.message}`);
      }
      return status === "ready";
    },
    seconds,
  );
