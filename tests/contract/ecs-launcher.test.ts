/** The ECS adapter against a stand-in that gives ECS's documented answers and runs tasks as processes. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openEcsLauncher } from "../../src/launcher/ecs.ts";
import type { Launcher, LaunchState } from "../../src/launcher/index.ts";
import { readMessage } from "../../src/queue/read-message.ts";
import { type EcsProxy, startEcsProxy, type TaskStateChange } from "../fixtures/aws/ecs-proxy.ts";
import { silentLog } from "../fixtures/jobs.ts";
import { JOB_ID, kindOf, launcherContract, launchRequest, until } from "./launcher-suite.ts";

const containers = [
  { name: "transcoder", environment: [{ name: "FROM_DEFINITION", value: "yes" }] },
];

const openLauncher = (url: string, changed: object = {}): Launcher =>
  openEcsLauncher({
    region: "eu-central-1",
    endpoint: url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    cluster: "sluice",
    taskDefinition: "transcoder",
    containerName: "transcoder",
    subnets: ["subnet-1", "subnet-2"],
    securityGroups: ["sg-1"],
    assignPublicIp: false,
    launchType: null,
    capacityProviders: ["FARGATE_SPOT", "FARGATE"],
    capacity: 5,
    internalUrl: "http://127.0.0.1:9",
    heartbeatSeconds: 5,
    confinement: "off",
    log: silentLog,
    ...changed,
  });

const stateOf = async (launcher: Launcher, ref: string): Promise<LaunchState> =>
  (await launcher.inspect([ref])).get(ref) ?? { kind: "lost" };

describe("the launcher port: ecs", () => {
  launcherContract(async (program) => {
    const proxy = startEcsProxy({ program, containers, stopTimeoutMs: 300 });
    const launcher = openLauncher(proxy.url);
    return {
      launcher,
      another: () => openLauncher(proxy.url),
      ended: async (ref) => {
        let state = await stateOf(launcher, ref);
        await until(async () => {
          state = await stateOf(launcher, ref);
          return state.kind === "exited";
        });
        if (state.kind !== "exited" || state.end === null) throw new Error("no end was told");
        return state.end;
      },
      close: async () => {
        await launcher.close();
        await proxy.stop();
      },
    };
  });
});

describe("ecs, of its own", () => {
  let proxy: EcsProxy;
  let launcher: Launcher;
  let events: TaskStateChange[];
  beforeEach(() => {
    events = [];
    proxy = startEcsProxy({
      program: ["/bin/sh", "-c", "exec /bin/sleep 60"],
      containers: [{ name: "transcoder" }],
      onEvent: (event) => events.push(event),
    });
    launcher = openLauncher(proxy.url);
  });
  afterEach(async () => {
    await launcher.close();
    await proxy.stop();
  });
  const placements = () => proxy.requests.map((request) => request.capacityProviderStrategy);
  const spot = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
  const onDemand = [{ capacityProvider: "FARGATE", weight: 1 }];
  const noRoom = {
    failures: [
      {
        reason:
          "Capacity is unavailable at this time. Please try again later or in a different availability zone",
      },
    ],
  };

  test("the request is complete, names the attempt, and chooses the size", async () => {
    await launcher.launch(launchRequest);
    const [request] = proxy.requests;
    expect(request).toMatchObject({
      cluster: "sluice",
      taskDefinition: "transcoder",
      count: 1,
      clientToken: `${JOB_ID}-1-0`,
      startedBy: `sluice/${JOB_ID}/1`,
      capacityProviderStrategy: spot,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ["subnet-1", "subnet-2"],
          securityGroups: ["sg-1"],
          assignPublicIp: "DISABLED",
        },
      },
      overrides: { cpu: "1024", memory: "2048" },
      tags: [
        { key: "sluice:job", value: JOB_ID },
        { key: "sluice:attempt", value: "1" },
      ],
    });
    expect(request).not.toHaveProperty("launchType");
    await launcher.launch({ ...launchRequest, attempt: 2, sourceBytes: 500 * 1024 ** 3 });
    expect(proxy.requests[1]?.overrides).toMatchObject({
      cpu: "4096",
      memory: "8192",
      ephemeralStorage: { sizeInGiB: 52 },
    });
  });

  test("a launch type stands in place of capacity providers", async () => {
    const other = openLauncher(proxy.url, { launchType: "FARGATE", securityGroups: [] });
    await other.launch(launchRequest);
    expect(proxy.requests[0]).toMatchObject({ launchType: "FARGATE" });
    expect(proxy.requests[0]).not.toHaveProperty("capacityProviderStrategy");
    await other.close();
  });

  test("Spot first; where it has no room, Fargate; where nothing has, later", async () => {
    proxy.refuseNext(noRoom);
    await launcher.launch(launchRequest);
    expect(placements()).toEqual([spot, onDemand]);
    proxy.refuseNext(noRoom, { failures: [{ reason: "RESOURCE:MEMORY", arn: "arn:x" }] });
    await expect(launcher.launch({ ...launchRequest, attempt: 2 })).rejects.toMatchObject({
      code: "launch_deferred",
      message: "ECS placed no task: RESOURCE:MEMORY.",
    });
    expect(proxy.started()).toBe(1);
  });

  test.each([
    [{ failures: [{ reason: "AGENT" }] }, "launch_deferred"],
    [{ failures: [{ reason: "ATTRIBUTE" }] }, "launch_misconfigured"],
    [{ failures: [{ reason: "a reason that nobody knows" }] }, "launch_failed"],
    [{ failures: [] }, "launch_failed"],
    [
      { exception: "ClientException", message: "TaskDefinition is inactive" },
      "launch_misconfigured",
    ],
    [
      {
        exception: "ClientException",
        message: "You've reached the limit on the number of vCPUs you can run concurrently",
      },
      "launch_deferred",
    ],
    [{ exception: "AccessDeniedException", message: "not authorized" }, "launch_misconfigured"],
    [
      { exception: "ClusterNotFoundException", message: "Cluster not found." },
      "launch_misconfigured",
    ],
    [{ exception: "InvalidParameterException", message: "No Fargate" }, "launch_misconfigured"],
  ] as const)("%p means %s", async (refusal, code) => {
    proxy.refuseNext(refusal, refusal);
    await expect(launcher.launch(launchRequest)).rejects.toMatchObject({ code });
    expect(proxy.started()).toBe(0);
  });

  test("throttling is waited out by the client, and then it is no failure of the attempt", async () => {
    const throttled = { exception: "ThrottlingException", message: "Rate exceeded" };
    proxy.refuseNext(throttled, throttled);
    await launcher.launch(launchRequest);
    expect(new Set(proxy.requests.map(({ clientToken }) => clientToken)).size).toBe(1);
    proxy.refuseNext(...Array.from({ length: 8 }, () => throttled));
    await expect(launcher.launch({ ...launchRequest, attempt: 2 })).rejects.toMatchObject({
      code: "launch_deferred",
    });
  });

  test("an answer that got lost starts nothing twice, and what runs is found", async () => {
    proxy.refuseNext({ lostAnswer: true });
    const ref = await launcher.launch(launchRequest);
    await until(() => proxy.started() === 1);
    proxy.refuseNext(...Array.from({ length: 4 }, () => ({ lostAnswer: true }) as const));
    const second = { ...launchRequest, attempt: 2 };
    await expect(launcher.launch(second)).rejects.toMatchObject({ code: "launch_uncertain" });
    await until(() => proxy.started() === 2);
    const found = await launcher.find(second);
    expect(found).not.toBe(ref);
    expect(await kindOf(launcher, found ?? "")).toBe("running");
  });

  test("the same attempt with other settings is the task that runs already", async () => {
    const ref = await launcher.launch(launchRequest);
    const changed = openLauncher(proxy.url, { internalUrl: "http://127.0.0.1:10" });
    expect(await changed.launch(launchRequest)).toBe(ref);
    await changed.close();
  });

  test("many are looked up a hundred at a time; starting, running and forgotten are told apart", async () => {
    const slow = startEcsProxy({
      program: ["/bin/sh", "-c", "exec /bin/sleep 60"],
      containers: [{ name: "transcoder" }],
      startMs: 60_000,
    });
    const other = openLauncher(slow.url);
    const refs: string[] = [];
    for (let attempt = 1; attempt <= 120; attempt += 1) {
      refs.push(await other.launch({ ...launchRequest, attempt }));
    }
    slow.forget(refs[7] ?? "");
    const states = await other.inspect([...refs, "4711/1/boot"]);
    expect(slow.actions.filter((action) => action === "DescribeTasks")).toHaveLength(2);
    expect(states.size).toBe(121);
    expect(states.get(refs[7] ?? "")).toEqual({ kind: "lost" });
    expect(states.get(refs[119] ?? "")).toEqual({ kind: "starting" });
    expect(states.get("4711/1/boot")).toEqual({ kind: "lost" });
    expect(await other.stop(refs[7] ?? "")).toBe("gone");
    await other.close();
    await slow.stop();
  });

  test("what cannot be looked up is left out and not called lost", async () => {
    const ref = await launcher.launch(launchRequest);
    await proxy.stop();
    expect(await launcher.inspect([ref])).toEqual(new Map());
  });

  test("a task's events settle its attempt once it has stopped, and say why", async () => {
    const ref = await launcher.launch(launchRequest);
    await until(() => proxy.started() === 1);
    proxy.interruptSpot(ref);
    await until(() => proxy.tasks.get(ref)?.lastStatus === "STOPPED");
    const read = events.map((event) =>
      readMessage(event, { uploadsBucket: null, containerName: "transcoder" }),
    );
    expect(read.flatMap(({ refusals }) => refusals)).toEqual([]);
    const ended = read
      .flatMap((message) => message.events)
      .filter(({ kind }) => kind !== "nothing");
    expect(ended).toEqual([
      {
        kind: "transcoder-ended",
        exit: {
          jobId: JOB_ID,
          attempt: 1,
          exitCode: 143,
          signal: null,
          code: "interrupted",
          after: "spare",
          reason:
            "The platform took its spare capacity back (SpotInterruption; Your Spot Task was interrupted.).",
        },
      },
    ]);
    expect(events.map(({ detail }) => detail.lastStatus)).toEqual([
      "PENDING",
      "RUNNING",
      "STOPPING",
      "STOPPED",
    ]);
  });
});
