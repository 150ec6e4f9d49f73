import { describe, expect, test } from "bun:test";
import { videoStatuses, visibilities } from "../../../src/db/schema.ts";
import { maySeeVideo, videoTransitions } from "../../../src/videos/video.ts";

describe("video states", () => {
  test("nothing leads out of deleted, and everything else can be deleted", () => {
    for (const { from } of Object.values(videoTransitions)) {
      expect(from).not.toContain("deleted" as never);
    }
    expect([...videoTransitions.deleted.from, "deleted"].toSorted()).toEqual(
      [...videoStatuses].toSorted(),
    );
  });

  test("every state is reached from uploading, and only a retry leads back", () => {
    const order = ["uploading", "queued", "processing", "failed", "ready", "deleted"];
    const reached = new Set(["uploading"]);
    for (const [name, { from, to }] of Object.entries(videoTransitions)) {
      reached.add(to);
      const forward = from.every((status) => order.indexOf(status) < order.indexOf(to));
      expect(forward).toBe(name !== "retried");
    }
    expect([...reached].toSorted()).toEqual([...videoStatuses].toSorted());
  });

  test("a failure never touches a ready video, a success overrides a failure", () => {
    expect(videoTransitions.failed.from).not.toContain("ready" as never);
    expect(videoTransitions.succeeded.from).toContain("failed");
  });

  test("private is for the owner alone, the rest for anyone, deleted for nobody", () => {
    for (const visibility of visibilities) {
      const video = { ownerId: "ada", visibility, status: "ready" as const };
      expect(maySeeVideo(video, "ada")).toBe(true);
      expect(maySeeVideo(video, "grace")).toBe(visibility !== "private");
      expect(maySeeVideo(video, null)).toBe(visibility !== "private");
      expect(maySeeVideo({ ...video, status: "deleted" }, "ada")).toBe(false);
    }
  });
});
