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
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};

const root = resolve(import.meta.dir, "../..");
const text = await Bun.file(resolve(root, "compose.yaml")).text();
const compose = Bun.YAML.parse(text) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build !== undefined);

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
