import { describe, expect, spyOn, test } from "bun:test";
import { existsSync } from "node:fs";
import { cp, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { openEarlierAttempt } from "../../../src/transcoder/earlier-attempt.ts";
import { SegmentEncoder } from "../../../src/transcoder/ffmpeg/segment-encoder.ts";
import type { TranscodePlan } from "../../../src/transcoder/plan/plan.ts";
import { Stores } from "../../../src/transcoder/stores.ts";
import { transcode } from "../../../src/transcoder/transcode.ts";
import { copyMedia } from "../../fixtures/copy-media.ts";
import { cached, ffmpeg, media } from "../../fixtures/media.ts";
import { timeMedia } from "../../fixtures/time-media.ts";
import { filesBelow, scratch } from "./judge.ts";

type Run = {
  /** Pictures that went into encoders. */
  readonly encoded: number;
  /** Segments of the earlier attempt, null when it was not taken up. */
  readonly resumed: number | null;
  readonly plan: TranscodePlan;
};

const encodes = spyOn(SegmentEncoder.prototype, "encode");

/** One attempt; `until` ends it at the first activity for which it is true. */
const attempt = async (
  source: string,
  output: string,
  { earlier, until = () => false }: { earlier?: string; until?: (output: string) => boolean },
): Promise<Run> => {
  const controller = new AbortController();
  const before = encodes.mock.calls.length;
  let resumed: number | null = null;
  let plan: TranscodePlan | null = null;
  const work = transcode(source, output, {
    signal: controller.signal,
    overwrite: true,
    discardOnFailure: false,
    checkpoints: {
      earlier:
        earlier === undefined
          ? null
          : openEarlierAttempt({ adapter: "disk", path: earlier }, new Stores()),
    },
    onActivity: () => {
      if (!controller.signal.aborted && until(output)) controller.abort(INTERRUPTION);
    },
    onEvent: (event) => {
      if (event.type === "resumed") resumed = event.segments;
      if (event.type === "started") plan = event.plan;
    },
  });
  const ended = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (ended !== null && ended !== INTERRUPTION) throw ended;
  if (plan === null) throw new Error("it did not start");
  return { encoded: encodes.mock.calls.length - before, resumed, plan };
};

const INTERRUPTION = new Error("stopped by the test");

/** Whether the rungs together have at least so many segments. */
const hasSegments = (count: number) => (output: string) =>
  existsSync(output) && [...new Bun.Glob("v/*/*.m4s").scanSync({ cwd: output })].length >= count;

const hasFile = (name: string) => (output: string) => existsSync(join(output, name));

const exists = (output: string, name: string) => Bun.file(join(output, name)).exists();

/** Both folders hold the same files with the same bytes. */
const expectSame = async (a: string, b: string): Promise<void> => {
  const names = await filesBelow(a);
  expect(await filesBelow(b)).toEqual(names);
  for (const name of names) {
    const [x, y] = await Promise.all([a, b].map((root) => Bun.file(join(root, name)).bytes()));
    expect([name, Buffer.compare(x ?? new Uint8Array(), y ?? new Uint8Array())]).toEqual([name, 0]);
  }
};

/** A source with a broken place near its start. */
const damaged = (): Promise<string> =>
  cached("resume-damaged.ts", async (path) => {
    await ffmpeg(["-i", await media("noise-10s.mp4"), "-c", "copy", "-f", "mpegts", path]);
    const bytes = Buffer.from(await Bun.file(path).bytes());
    bytes.fill(0x55, Math.floor(bytes.length * 0.1), Math.floor(bytes.length * 0.1) + 3000);
    await Bun.write(path, bytes);
  });

type Source = {
  readonly name: string;
  readonly make: () => Promise<string>;
  /** The attempt is interrupted when its rungs together have so many segments. */
  readonly at: number;
};

const sources: readonly Source[] = [
  { name: "constant rate", make: () => media("noise-10s.mp4"), at: 1 },
  { name: "two rungs with sound", make: () => media("landscape-720-10s.mp4"), at: 3 },
  { name: "variable rate", make: () => media("variable-rate-10s.mkv"), at: 1 },
  { name: "interlaced", make: () => media("interlaced-10s.mp4"), at: 2 },
  { name: "open GOPs", make: () => media("bframes-open-gop.mp4"), at: 2 },
  { name: "without an index", make: () => media("mpeg2-10s.ts"), at: 1 },
  { name: "slides", make: () => timeMedia("slides-26s.mkv"), at: 2 },
  { name: "a copied rung", make: () => copyMedia("copy-720.mp4"), at: 4 },
  { name: "a copied rung alone", make: () => copyMedia("copy-360.mp4"), at: 1 },
  { name: "damage", make: damaged, at: 2 },
  { name: "sound alone", make: () => media("audio-only.m4a"), at: 0 },
];

describe("an attempt that goes on where an earlier one was interrupted", () => {
  for (const { name, make, at } of sources) {
    test(`gives the same bytes: ${name}`, async () => {
      await using folder = await scratch();
      const [whole, first, second] = ["whole", "first", "second"].map((n) => join(folder.path, n));
      if (!whole || !first || !second) throw new Error("three folders");
      const source = await make();
      const undisturbed = await attempt(source, whole, {});
      const interrupted = await attempt(source, first, { until: hasSegments(at) });
      expect(await exists(first, "manifest.mpd")).toBe(false);
      const resumed = await attempt(source, second, { earlier: first });
      await expectSame(whole, second);
      const { plan } = undisturbed;
      const encodedRungs = plan.rungs.filter(({ id }) => id !== plan.copy?.rungId);
      const segmentFrames = plan.timeline.segmentFrames;
      const twice = interrupted.encoded + resumed.encoded - undisturbed.encoded;
      // One null per encoder ends it, one more per rung for the segment that is begun again.
      expect(twice).toBeLessThanOrEqual(encodedRungs.length * (segmentFrames + 1));
      if (plan.rungs.length > 0) expect(resumed.resumed).toBeGreaterThan(0);
      else expect(resumed.resumed).toBeNull();
    }, 180_000);
  }

  test("goes on twice", async () => {
    await using folder = await scratch();
    const path = (name: string) => join(folder.path, name);
    const source = await media("landscape-720-10s.mp4");
    const whole = await attempt(source, path("whole"), {});
    await attempt(source, path("1"), { until: hasFile("v/360/1.m4s") });
    await attempt(source, path("2"), {
      earlier: path("1"),
      // The last but one: at the very last one the attempt may be done before it is stopped.
      until: hasFile("v/720/2.m4s"),
    });
    const third = await attempt(source, path("3"), { earlier: path("2") });
    expect(third.encoded).toBeLessThan(whole.encoded);
    await expectSame(path("whole"), path("3"));
  }, 180_000);
});

describe("a checkpoint that cannot be believed", () => {
  type Change = (folder: string) => Promise<unknown>;
  const edit =
    (change: (checkpoint: Record<string, never>) => void): Change =>
    async (folder) => {
      const file = Bun.file(join(folder, "checkpoint.json"));
      const checkpoint = await file.json();
      change(checkpoint);
      await Bun.write(join(folder, "checkpoint.json"), JSON.stringify(checkpoint));
    };
  // biome-ignore lint/suspicious/noExplicitAny: a test that forges a file
  const forge = (change: (checkpoint: any) => void) => edit(change as never);
  const segment = (folder: string, number: number) => join(folder, `v/360/${number}.m4s`);
  const changes: Record<string, Change> = {
    "is torn": (folder) => truncate(join(folder, "checkpoint.json"), 200),
    "is not there": (folder) => rm(join(folder, "checkpoint.json")),
    "is of other work": forge((checkpoint) => {
      checkpoint.key = "another";
    }),
    "is of another form": forge((checkpoint) => {
      checkpoint.format = 2;
    }),
    "names more segments than there are": forge((checkpoint) => {
      checkpoint.rungs["360"].segments += 1;
    }),
    "names an unknown rung": forge((checkpoint) => {
      checkpoint.rungs["1080"] = checkpoint.rungs["360"];
    }),
    "says that fewer pictures were shown": forge((checkpoint) => {
      checkpoint.pictures.shownTo = 10;
    }),
    "lacks tiles": forge((checkpoint) => {
      checkpoint.pictures.storyboard.tiles.pop();
    }),
    "has half a tile": forge((checkpoint) => {
      checkpoint.pictures.storyboard.tiles[0] = "AAAA";
    }),
    "names a sheet that is not there": forge((checkpoint) => {
      checkpoint.sheets.push({ tiles: 20, sizeBytes: 1000 });
      checkpoint.pictures.storyboard.sheets += 1;
    }),
    "names a missing segment": (folder) => rm(segment(folder, 1)),
    "names half a segment": (folder) => truncate(segment(folder, 2), 5000),
    "names segments in another order": async (folder) => {
      await cp(segment(folder, 1), segment(folder, 9));
      await cp(segment(folder, 2), segment(folder, 1));
      await cp(segment(folder, 9), segment(folder, 2));
    },
    "names no header": (folder) => rm(join(folder, "v/360/init.mp4")),
  };

  test("is ignored, and all is made anew", async () => {
    await using folder = await scratch();
    const path = (name: string) => join(folder.path, name);
    const source = await media("noise-10s.mp4");
    const whole = await attempt(source, path("whole"), {});
    await attempt(source, path("first"), { until: hasFile("v/360/2.m4s") });
    for (const [name, change] of Object.entries(changes)) {
      await cp(path("first"), path("changed"), { recursive: true });
      await change(path("changed"));
      const { resumed, encoded } = await attempt(source, path("second"), {
        earlier: path("changed"),
      });
      expect([name, resumed, encoded]).toEqual([name, null, whole.encoded]);
      await expectSame(path("whole"), path("second"));
      for (const done of ["changed", "second"]) await rm(path(done), { recursive: true });
    }
  }, 300_000);

  test("and whose segments have another header is noticed at the first new one", async () => {
    await using folder = await scratch();
    const path = (name: string) => join(folder.path, name);
    const source = await media("noise-10s.mp4");
    await attempt(source, path("whole"), {});
    await attempt(source, path("first"), { until: hasFile("v/360/1.m4s") });
    const header = join(path("first"), "v/360/init.mp4");
    const bytes = await Bun.file(header).bytes();
    // A name in the handler box: nothing that a manifest says.
    const at = Buffer.from(bytes).indexOf("VideoHandler");
    expect(at).toBeGreaterThan(0);
    bytes[at] = 0x56 + 1;
    await Bun.write(header, bytes);
    const second = await attempt(source, path("second"), { earlier: path("first") });
    expect(second.resumed).toBeGreaterThan(0);
    await expectSame(path("whole"), path("second"));
  }, 180_000);

  test("is of a source that has changed since", async () => {
    await using folder = await scratch();
    const path = (name: string) => join(folder.path, name);
    await cp(await media("noise-10s.mp4"), path("source.mp4"));
    await attempt(path("source.mp4"), path("first"), {
      until: hasFile("v/360/1.m4s"),
    });
    await Bun.write(path("source.mp4"), await Bun.file(await media("noise-10s.mp4")).bytes());
    const second = await attempt(path("source.mp4"), path("second"), { earlier: path("first") });
    expect(second.resumed).toBeNull();
  }, 180_000);
});
