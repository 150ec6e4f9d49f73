/** What compose.yaml promises, as far as reading it can tell; the images that it starts are run by tests/images. */
import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { ApiSettings, ConsumerSettings } from "../../src/config.ts";
import { SECRET_SETTINGS } from "../../src/settings/secrets.ts";

type Service = {
  readonly image?: string;
  readonly build?: { readonly target?: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};

const root = resolve(import.meta.dir, "../..");
const text = await Bun.file(resolve(root, "compose.yaml")).text();
const compose = Bun.YAML.parse(text) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build?.target !== undefined);

/** Names that the AWS SDK reads itself. */
const OF_THE_SDK = ["AWS_SHARED_CREDENTIALS_FILE"];

test("every service of ours is a target of the Dockerfile, without a writable root or a capability", async () => {
  const dockerfile = await Bun.file(resolve(root, "Dockerfile")).text();
  expect(own.length).toBeGreaterThanOrEqual(3);
  for (const [, { build, read_only, cap_drop }] of own) {
    expect(dockerfile).toContain(` AS ${build?.target}\n`);
    expect([read_only, cap_drop]).toEqual([true, ["ALL"]]);
  }
});

test("every variable that our services are given is a setting, or the file of a secret", () => {
  const names = new Set([
    ...Object.keys(ApiSettings.properties),
    ...Object.keys(ConsumerSettings.properties),
    ...[...SECRET_SETTINGS].map((name) => `${name}_FILE`),
    ...OF_THE_SDK,
  ]);
  for (const [, { environment = {} }] of own) {
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([]);
  }
});

test("no secret stands in it", () => {
  for (const [, { environment = {} }] of services) {
    const secret = Object.keys(environment).filter((name) =>
      /(SECRET|PASSWORD|KEY|TOKEN|DATABASE_URL)$/.test(name),
    );
    expect(secret).toEqual([]);
  }
});

test("volumes are named, and ports are this machine's alone", () => {
  for (const [, { volumes = [], ports = [] }] of services) {
    for (const volume of volumes) {
      expect(Object.keys(compose.volumes)).toContain(`${volume.split(":")[0]}`);
    }
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  }
});

test("nobody waits for the health of a service that has no health check", async () => {
  const dockerfile = await Bun.file(resolve(root, "Dockerfile")).text();
  const waitedFor = services.flatMap(([, { depends_on = {} }]) =>
    Object.entries(depends_on).flatMap(([name, { condition }]) =>
      condition === "service_healthy" ? [name] : [],
    ),
  );
  for (const name of new Set(waitedFor)) {
    const { healthcheck, build } = compose.services[name] ?? {};
    const stage = dockerfile
      .split(/^FROM /m)
      .find((part) => part.includes(` AS ${build?.target}\n`));
    expect(healthcheck ?? /^HEALTHCHECK /m.test(stage ?? "")).toBeTruthy();
  }
});

test("whom a service depends on is there whenever it is", () => {
  for (const [, { depends_on = {}, profiles = [] }] of services) {
    for (const name of Object.keys(depends_on)) {
      const dependency = compose.services[name];
      expect([name, dependency === undefined]).toEqual([name, false]);
      const missing = (dependency?.profiles ?? []).filter((profile) => !profiles.includes(profile));
      expect([name, missing]).toEqual([name, []]);
    }
  }
});

test("no two services take the same port of this machine", () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  const taken = ports.map((port) => /:-(\d+)\}/.exec(port)?.[1]);
  expect(taken).not.toContain(undefined);
  expect(new Set(taken).size).toBe(taken.length);
});

test("with the profile aws, storage, queue and accounts are the emulator's, under names that it is given too", () => {
  const environment = (name: string) => compose.services[name]?.environment ?? {};
  const [api, consumer] = [environment("api-aws"), environment("consumer-aws")];
  const [emulator, account] = [environment("emulator"), environment("account-aws")];
  expect(api).toMatchObject({ STORAGE: "s3", QUEUE: "sqs", IDENTITY: "cognito" });
  expect(consumer).toMatchObject({ STORAGE: "s3", QUEUE: "sqs", LAUNCHER: "process" });
  for (const name of ["UPLOADS_BUCKET", "MEDIA_BUCKET", "AWS_REGION"]) {
    expect([consumer[name], account[name]]).toEqual([api[name], api[name]]);
  }
  for (const name of ["COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"]) {
    expect(emulator[name]).toBe(`${api[name]}`);
  }
  // What browsers sign parts for, and from where they send them.
  const published = compose.services.emulator?.ports?.[0]?.replace(
    /^127\.0\.0\.1:(.*):4566$/,
    "$1",
  );
  expect(api.S3_PUBLIC_ENDPOINT).toBe(`http://localhost:${published}`);
  expect(account.PUBLIC_URL).toBe(`${api.PUBLIC_URL}`);
});
