/** The real Dockerfile, built; what the images are, before anything runs. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { buildImage, COMMIT, inspectImage, removeImages, TARGETS } from "./support/build.ts";
import { imageOf, runToEnd, type Target } from "./support/containers.ts";
import { engine } from "./support/engine.ts";

/** Largest sizes, uncompressed; the real base image is about 5 MB larger than its stand-in. */
const LARGEST_MB: Readonly<Record<Target, number>> = {
  api: 160,
  consumer: 160,
  transcoder: 325,
  local: 445,
};

beforeAll(async () => {
  for (const target of TARGETS) {
    await buildImage(target);
  }
}, 600_000);
afterAll(removeImages);

test.each(TARGETS)("%s is as small as promised", async (target) => {
  const megabytes = (await inspectImage(imageOf(target))).Size / 1e6;
  console.log(`${target}: ${megabytes.toFixed(0)} MB`);
  expect(megabytes).toBeLessThan(LARGEST_MB[target]);
});

test.each(TARGETS)("%s runs as nobody, stops at SIGTERM and says what it is", async (target) => {
  const { Config } = await inspectImage(imageOf(target));
  expect(Config.User).toBe("65532:65532");
  expect(Config.StopSignal).toBe("SIGTERM");
  expect(Config.Labels).toMatchObject({
    "org.opencontainers.image.title": `sluice-${target}`,
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.revision": COMMIT,
  });
  expect(Config.Env.filter((entry) => /SECRET|PASSWORD|TOKEN|_KEY/.test(entry))).toEqual([]);
});

test.each(["api", "consumer", "local"] as const)("%s is its own health check", async (target) => {
  const { Healthcheck, Config } = await inspectImage(imageOf(target));
  expect(Healthcheck?.Test).toEqual(["CMD", `${Config.Entrypoint[0]}`, "--health"]);
  const { exitCode, output } = await runToEnd({
    target,
    args: ["--health"],
    env: {
      DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
      SLUICE_SECRET: "x".repeat(32),
      PUBLIC_URL: "http://127.0.0.1:9",
      PORT: "9",
      HEALTH_PORT: "9",
    },
  });
  expect([exitCode, output]).toEqual([69, expect.stringContaining("does not answer")]);
});

test.each(TARGETS)("%s starts, and tells version and commit", async (target) => {
  const { exitCode, output } = await runToEnd({ target, args: ["--version"] });
  expect(exitCode).toBe(0);
  expect(output).toContain(`(${COMMIT.slice(0, 12)})`);
});

test.each(TARGETS)("%s holds its executables and their licences, and no shell", async (target) => {
  const container = await engine("buildah", "from", "--pull=never", imageOf(target));
  try {
    const root = await engine("buildah", "mount", container);
    const files = (folder: string) => Array.from(new Bun.Glob("*").scanSync(`${root}${folder}`));
    const own: Readonly<Record<Target, readonly string[]>> = {
      api: ["api"],
      consumer: ["consumer"],
      transcoder: ["node-av.node", "transcoder"],
      local: ["consumer", "node-av.node", "transcoder"],
    };
    expect(files("/sluice").sort()).toEqual(["LICENSE", "NOTICE", ...own[target]]);
    expect(files("/data")).toEqual([]);
    for (const shell of ["bin/sh", "bin/bash", "bin/dash", "bin/busybox", "usr/bin/sh"]) {
      expect(await Bun.file(`${root}/${shell}`).exists()).toBe(false);
    }
  } finally {
    await engine("buildah", "rm", container);
  }
});

test("the api says that its image has no embedded database", async () => {
  const { exitCode, output } = await runToEnd({
    target: "api",
    env: { PUBLIC_URL: "http://video.example.org" },
  });
  expect(exitCode).toBe(78);
  expect(output).toContain("DATABASE_URL: required in a container image");
});

test("equal sources make equal layers", async () => {
  const tag = `${imageOf("consumer")}-again`;
  await buildImage("consumer", { tag, cached: false });
  try {
    const [first, second] = await Promise.all([imageOf("consumer"), tag].map(inspectImage));
    expect(second?.RootFS.Layers).toEqual(first?.RootFS.Layers ?? []);
  } finally {
    await engine("buildah", "rmi", tag);
  }
}, 300_000);
