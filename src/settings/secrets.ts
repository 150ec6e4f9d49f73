import { readFileSync } from "node:fs";

/** Settings that are secret: never repeated in messages that end in a log, and readable from files. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  "SLUICE_SECRET",
  "DATABASE_URL",
  "SMTP_URL",
  "CLOUDFRONT_PRIVATE_KEY",
  "COGNITO_CLIENT_SECRET",
]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Container engines hand secrets over as files. Each secret setting may be named so:
 * `SLUICE_SECRET_FILE=/run/secrets/sluice-secret` is read into `SLUICE_SECRET`, without white space at
 * its end; what is set itself wins.
 * @throws UnreadableSecretError naming the setting whose file cannot be read
 */
export const withSecretFiles = (
  environment: Environment,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Environment => {
  const fromFiles = [...SECRET_SETTINGS].flatMap((name) => {
    const path = environment[`${name}_FILE`];
    if (!path || environment[name]) {
      return [];
    }
    try {
      return [[name, read(path).trimEnd()] as const];
    } catch (cause) {
      throw new UnreadableSecretError(name, path, cause);
    }
  });
  return { ...environment, ...Object.fromEntries(fromFiles) };
};

/** A secret's file is named but cannot be read. */
export class UnreadableSecretError extends Error {
  override readonly name = "UnreadableSecretError";

  constructor(setting: string, path: string, cause: unknown) {
    super(`${setting}_FILE: ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
