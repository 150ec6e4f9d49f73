/**
 * The shapes in which S3 and stores like it tell that an object was created, turned into ours.
 *
 * - S3 event notifications, versions 2.x (Amazon S3 User Guide, "Event message structure"): any
 *   number of records; keys are encoded as HTML forms encode.
 * - EventBridge events `Object Created` (Amazon S3 User Guide, "EventBridge event message
 *   structure"): one object; the key is raw, so decoding it would spoil one with `+` or `%`.
 * - MinIO's notifications: S3's records with `s3:` before the event's name.
 */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { objectVersion } from "../storage/object-version.ts";
import { JOB_PROTOCOL_VERSION } from "../videos/job-message.ts";
import { nothingToDo, oneEvent, type ReadMessage, refused, together } from "./queue-event.ts";

/** Names that the events use for what is ours. */
export type EventNames = {
  /** The bucket that people upload to; null where uploads do not lie in S3. */
  readonly uploadsBucket: string | null;
};

const Text = Type.String({ minLength: 1 });
const Size = Type.Optional(Type.Integer({ minimum: 0 }));

const Records = Type.Object({ Records: Type.Array(Type.Unknown(), { minItems: 1 }) });

const Record = Type.Object({
  eventVersion: Text,
  eventName: Text,
  s3: Type.Object({
    bucket: Type.Object({ name: Text }),
    object: Type.Object({
      key: Text,
      size: Size,
      eTag: Type.Optional(Type.String()),
      versionId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    }),
  }),
});

const TestEvent = Type.Object({ Event: Type.Literal("s3:TestEvent") });

const BridgeEvent = Type.Object({
  source: Type.Literal("aws.s3"),
  "detail-type": Text,
  detail: Type.Object({
    bucket: Type.Object({ name: Text }),
    object: Type.Object({
      key: Text,
      size: Size,
      etag: Type.Optional(Type.String()),
      "version-id": Type.Optional(Type.String()),
    }),
  }),
});

/** @returns null when it is none of these shapes */
export const readS3Event = (body: unknown, names: EventNames): ReadMessage | null => {
  if (Value.Check(TestEvent, body)) {
    return nothingToDo("S3 tests the notification");
  }
  if (Value.Check(Records, body)) {
    return together(body.Records.map((record) => readRecord(record, names)));
  }
  if (Value.Check(BridgeEvent, body)) {
    return readBridgeEvent(body, names);
  }
  return null;
};

/** The minor version grows with fields that are added; another major one means something else (same page). */
const KNOWN_VERSION = /^2\.\d+$/;
const CREATED = /^(s3:)?ObjectCreated:/;

const readRecord = (record: unknown, names: EventNames): ReadMessage => {
  if (!Value.Check(Record, record)) {
    const [problem] = Value.Errors(Record, record);
    return refused(`a record is no S3 event: ${problem?.path}: ${problem?.message}`);
  }
  const { eventName, eventVersion, s3 } = record;
  if (!KNOWN_VERSION.test(eventVersion)) {
    return refused(`S3 event version ${eventVersion} is not known`);
  }
  if (!CREATED.test(eventName)) {
    return refused(`${eventName} is not the creation of an object`);
  }
  const key = formDecoded(s3.object.key);
  if (key === null) {
    return refused(`the key ${s3.object.key} is not form-encoded`);
  }
  const { eTag: etag, versionId, size } = s3.object;
  return created({ bucket: s3.bucket.name, key, etag, versionId, size }, names);
};

const readBridgeEvent = (event: Static<typeof BridgeEvent>, names: EventNames): ReadMessage => {
  if (event["detail-type"] !== "Object Created") {
    return refused(`${event["detail-type"]} is not the creation of an object`);
  }
  const { bucket, object } = event.detail;
  const { key, etag, size } = object;
  return created({ bucket: bucket.name, key, etag, versionId: object["version-id"], size }, names);
};

const created = (
  object: {
    readonly bucket: string;
    readonly key: string;
    readonly etag: string | undefined;
    readonly versionId: string | null | undefined;
    readonly size: number | undefined;
  },
  { uploadsBucket }: EventNames,
): ReadMessage => {
  const { bucket, key, etag, versionId, size } = object;
  if (bucket !== uploadsBucket) {
    return refused(`${bucket} is not the bucket of uploads`);
  }
  return oneEvent({
    kind: "object-created",
    object: {
      version: JOB_PROTOCOL_VERSION,
      type: "object-created",
      bucket: "uploads",
      key,
      // Neither version nor ETag: the key alone must tell objects apart.
      objectVersion: objectVersion({ versionId, etag: etag ?? "" }) || null,
      sizeBytes: size ?? 0,
    },
  });
};

/** `red flower.jpg` comes as `red+flower.jpg`, and a real `+` as `%2B`; null for what nobody encoded. */
const formDecoded = (key: string): string | null => {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return null;
  }
};
