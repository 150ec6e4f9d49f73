import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ReadMessage } from "../../../src/queue/queue-event.ts";
import { readMessage } from "../../../src/queue/read-message.ts";
import {
  minioEvent,
  s3BridgeEvent,
  s3Event,
  s3Record,
  s3TestEvent,
  snsNotification,
  UPLOADS_BUCKET,
} from "../../fixtures/aws/messages.ts";

const KEY = "uploads/user/video/source";
const names = { uploadsBucket: UPLOADS_BUCKET, containerName: "transcoder" };
const read = (body: unknown) => readMessage(body, names);
const created = (changed: object = {}): ReadMessage["events"][number] => ({
  kind: "object-created",
  object: {
    version: 1,
    type: "object-created",
    bucket: "uploads",
    key: KEY,
    objectVersion: "abc-2",
    sizeBytes: 1024,
    ...changed,
  },
});

describe("messages of the queue", () => {
  test("every way in which S3 and stores like it tell of an object means the same", () => {
    const object = { key: KEY, etag: "abc-2" };
    const own = { kind: "object-created", object: (created() as { object: unknown }).object };
    for (const body of [
      own.object,
      s3Event(object),
      minioEvent(object),
      s3BridgeEvent(object),
      snsNotification(s3Event(object)),
      snsNotification(s3BridgeEvent(object)),
      snsNotification(snsNotification(s3Event(object))),
    ]) {
      expect(read(body)).toEqual({ events: [created()], refusals: [] });
    }
  });

  test("every version 2.x of S3's event is taken, whatever fields it adds", () => {
    for (const eventVersion of ["2.0", "2.1", "2.2", "2.3", "2.5", "2.6", "2.17"]) {
      const record = { ...s3Record({ key: KEY, etag: "abc-2" }, { eventVersion }), added: [1] };
      expect(read({ Records: [record] })).toEqual({ events: [created()], refusals: [] });
    }
    for (const eventVersion of ["1.0", "3.0", "20", "2.x"]) {
      const { events, refusals } = read({ Records: [s3Record({ key: KEY }, { eventVersion })] });
      expect(events).toEqual([]);
      expect(refusals).toEqual([`S3 event version ${eventVersion} is not known`]);
    }
  });

  test("S3's keys are form-encoded and EventBridge's are raw", () => {
    for (const key of ["a b+c%20d", "ü/名前.mp4", "1+1=2 & more", "100%", "quote\"'"]) {
      expect(read(s3Event({ key, etag: "abc-2" })).events).toEqual([created({ key })]);
      expect(read(s3BridgeEvent({ key, etag: "abc-2" })).events).toEqual([created({ key })]);
    }
    // MinIO also encodes the slash.
    const record = s3Record({ key: KEY, etag: "abc-2" });
    record.s3.object.key = encodeURIComponent(KEY);
    expect(read({ Records: [record] }).events).toEqual([created()]);
    record.s3.object.key = "bad%2";
    expect(read({ Records: [record] }).refusals).toEqual(["the key bad%2 is not form-encoded"]);
  });

  test("the version of an object is its version id, else its ETag", () => {
    const version = (object: object) => {
      const [event] = read(s3Event({ key: KEY, etag: "abc", ...object })).events;
      return event?.kind === "object-created" && event.object.objectVersion;
    };
    expect(version({ versionId: "096fKKXTRTtl3on89fVO.nfljtsv6qko" })).toBe(
      "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    );
    expect(version({})).toBe("abc");
    expect(version({ versionId: "" })).toBe("abc");
    expect(version({ versionId: "null" })).toBe("abc");
    expect(version({ etag: "" })).toBeNull();
    const [bridged] = read(s3BridgeEvent({ key: KEY, etag: "abc", versionId: "v7" })).events;
    expect(bridged).toEqual(created({ objectVersion: "v7" }));
  });

  test("all records of a message count, and a bad one takes no good one with it", () => {
    const records = [
      s3Record({ key: "one", etag: "abc-2" }),
      s3Record({ key: "gone" }, { eventName: "ObjectRemoved:Delete" }),
      { odd: true },
      s3Record({ key: "elsewhere", bucket: "another" }),
      s3Record({ key: "two", etag: "abc-2" }, { eventName: "ObjectCreated:Copy" }),
    ];
    expect(read({ Records: records })).toEqual({
      events: [created({ key: "one" }), created({ key: "two" })],
      refusals: [
        "ObjectRemoved:Delete is not the creation of an object",
        "a record is no S3 event: /eventVersion: Expected required property",
        "another is not the bucket of uploads",
      ],
    });
  });

  test("S3's test of a notification asks for nothing, also through SNS", () => {
    for (const body of [s3TestEvent, snsNotification(s3TestEvent)]) {
      expect(read(body)).toEqual({
        events: [{ kind: "nothing", reason: "S3 tests the notification" }],
        refusals: [],
      });
    }
  });

  test("what is nothing that we know is refused with the reason", () => {
    const deleted = { ...s3BridgeEvent({ key: KEY }), "detail-type": "Object Deleted" };
    const cases: [unknown, string][] = [
      ["no JSON at all", "no kind of message that is known"],
      [null, "no kind of message that is known"],
      [{ Records: [] }, "no kind of message that is known"],
      [
        { Type: "SubscriptionConfirmation", Message: "…", SubscribeURL: "https://…" },
        "no kind of message that is known",
      ],
      [snsNotification("text"), "no kind of message that is known"],
      [{ Type: "Notification", Message: "not JSON" }, "no kind of message that is known"],
      [{ type: "object-created", version: 2 }, "/bucket: Expected required property"],
      [deleted, "Object Deleted is not the creation of an object"],
      [
        snsNotification(snsNotification(snsNotification(s3TestEvent))),
        "a notification in a notification in a notification",
      ],
    ];
    for (const [body, reason] of cases) {
      expect(read(body)).toEqual({ events: [], refusals: [reason] });
    }
  });

  test("where uploads do not lie in S3, its events are nobody's", () => {
    expect(readMessage(s3Event({ key: KEY }), { ...names, uploadsBucket: null }).refusals).toEqual([
      `${UPLOADS_BUCKET} is not the bucket of uploads`,
    ]);
  });

  test("any value at all is either read or refused, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const { events, refusals } = read(body);
        expect(events.length + refusals.length).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (key) => {
        const record = s3Record({ key: KEY });
        record.s3.object.key = key;
        const { events, refusals } = read({ Records: [record] });
        expect(events.length + refusals.length).toBe(1);
      }),
    );
  });
});
