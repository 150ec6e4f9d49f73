import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  ConfigError,
  environmentExample,
  loadApiConfig,
  loadConsumerConfig,
} from "../../src/config.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const DATABASE_URL = "postgres://sluice:hidden-password@db:5432/sluice";

const problemsOf = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
  return [];
};

test("without any setting everything runs embedded on this machine", () => {
  const config = loadApiConfig({});
  expect(config).toMatchObject({
    embedded: true,
    HOST: "127.0.0.1",
    PORT: 3000,
    publicUrl: "http://127.0.0.1:3000",
    internalUrl: "http://127.0.0.1:3001",
    SIGN_UP: "open",
  });
  expect(config.dataDir.startsWith("/")).toBe(true);
  expect(config.transcodeConcurrency).toBeGreaterThanOrEqual(1);
});

test("all problems are reported at once, each with the name of its setting", () => {
  const problems = problemsOf(() =>
    loadApiConfig({
      PORT: "http",
      SIGN_UP: "maybe",
      LEASE_SECONDS: "0",
      PUBLIC_URL: "example.org",
    }),
  );
  for (const name of ["PORT", "SIGN_UP", "LEASE_SECONDS", "PUBLIC_URL"]) {
    expect(problems.some((line) => line.startsWith(`${name}:`))).toBe(true);
  }
});

test("a mistyped choice is told its values", () => {
  expect(problemsOf(() => loadApiConfig({ SIGN_UP: "maybe" }))).toEqual([
    'SIGN_UP: Expected one of open, invitation, closed (is "maybe").',
  ]);
});

test("a PostgreSQL server needs a secret, and no secret is repeated in a message", () => {
  const problems = problemsOf(() => loadApiConfig({ DATABASE_URL, SLUICE_SECRET: "too short" }));
  expect(problems.join("\n")).toContain("SLUICE_SECRET");
  expect(problems.join("\n")).not.toContain("too short");
  expect(problems.join("\n")).not.toContain("hidden-password");
  expect(loadApiConfig({ DATABASE_URL, SLUICE_SECRET: SECRET }).embedded).toBe(false);
});

test("the consumer by itself needs a PostgreSQL server and says why", () => {
  expect(problemsOf(() => loadConsumerConfig({}))[0]).toContain("DATABASE_URL is required");
  expect(loadConsumerConfig({ DATABASE_URL, SLUICE_SECRET: SECRET }).embedded).toBe(false);
});

test("an empty value means not set, as compose files write it", () => {
  expect(loadApiConfig({ DATABASE_URL: "", PORT: "" })).toMatchObject({
    embedded: true,
    PORT: 3000,
  });
});

test("whatever number stands in PORT is either taken as it is or refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 200_000 }), (port) => {
      const problems = problemsOf(() => loadApiConfig({ PORT: String(port) }));
      if (port >= 1 && port <= 65_535) {
        expect(loadApiConfig({ PORT: String(port) }).PORT).toBe(port);
      } else {
        expect(problems.length).toBe(1);
      }
    }),
  );
});

test(".env.example is what the settings say; run `bun scripts/make-env-example.ts`", async () => {
  const file = Bun.file(new URL("../../.env.example", import.meta.url));
  expect(await file.text()).toBe(environmentExample());
});

test("a server that others reach must be told its address", () => {
  expect(problemsOf(() => loadApiConfig({ HOST: "0.0.0.0" }))[0]).toContain("PUBLIC_URL");
  const PUBLIC_URL = "https://video.example.org/";
  expect(loadApiConfig({ HOST: "0.0.0.0", PUBLIC_URL }).publicUrl).toBe(
    "https://video.example.org",
  );
  expect(loadApiConfig({ HOST: "::1" }).publicUrl).toBe("http://[::1]:3000");
});
